package dev.tinsmith.server.sampling;

import dev.tinsmith.engine.Base;
import dev.tinsmith.server.checkpoint.CheckpointPath;
import dev.tinsmith.server.future.Owner;
import dev.tinsmith.server.metering.Subject;
import dev.tinsmith.server.run.SessionId;
import java.util.Optional;

/// A sampling session: a name for weights to draw from.
public final class Sampler {
    private final SamplerId id;
    private final Owner owner;
    private final SessionId session;
    private final Optional<CheckpointPath> path;
    private final Source source;

    Sampler(
            SamplerId id,
            Owner owner,
            SessionId session,
            Optional<CheckpointPath> path,
            Source source) {
        this.id = id;
        this.owner = owner;
        this.session = session;
        this.path = path;
        this.source = source;
    }

    /// Its name.
    public SamplerId id() {
        return id;
    }

    /// The frozen model underneath.
    public Base base() {
        return source.newest().weights().base();
    }

    /// The checkpoint that its weights came from, if they have a name.
    public Optional<CheckpointPath> path() {
        return path;
    }

    Subject subject() {
        return new Subject(owner, session.value(), id.value(), base().name());
    }

    Owner owner() {
        return owner;
    }

    SessionId session() {
        return session;
    }

    Source source() {
        return source;
    }
}
