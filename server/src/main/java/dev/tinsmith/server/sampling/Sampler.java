package dev.tinsmith.server.sampling;

import dev.tinsmith.engine.Base;
import dev.tinsmith.server.checkpoint.CheckpointPath;
import dev.tinsmith.server.future.Feed;
import dev.tinsmith.server.future.FutureId;
import dev.tinsmith.server.future.Owner;
import dev.tinsmith.server.metering.Subject;
import dev.tinsmith.server.run.SessionId;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/// A sampling session: a name for weights to draw from.
public final class Sampler {
    /// How far apart the copies of a client begin to count.
    private static final long COPY = 1_000_000_000;

    private final SamplerId id;
    private final Owner owner;
    private final SessionId session;
    private final Optional<CheckpointPath> path;
    private final Source source;
    private final Feed feed = new Feed();
    private final AtomicLong copies;

    Sampler(
            SamplerId id,
            Owner owner,
            SessionId session,
            Optional<CheckpointPath> path,
            Source source,
            long copies) {
        this.id = id;
        this.owner = owner;
        this.session = session;
        this.path = path;
        this.source = source;
        this.copies = new AtomicLong(copies);
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

    /// A number for one more copy of the client that opened it, which is number 0.
    long join() {
        return copies.incrementAndGet();
    }

    /// Whether `sample` is one of its own.
    public boolean drew(FutureId sample) {
        return sample.value().startsWith(id.value() + ":");
    }

    /// What is told to the client's copy number `copy`.
    public Feed.Reader feed(long copy) {
        return feed.reader(copy);
    }

    /// Who is told of sample number `sequence`: each copy of a client counts from a number of its
    /// own.
    Feed.Reader reader(long sequence) {
        return feed(sequence / COPY);
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
