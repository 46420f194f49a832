package dev.tinsmith.server.session;

import dev.tinsmith.server.future.Owner;
import dev.tinsmith.server.run.SessionId;
import java.time.Instant;
import java.util.Optional;

/// What is known of a visit.
///
/// @param told what its client said of it
/// @param ending empty: it goes on
public record SessionFacts(
        SessionId id, Owner owner, Instant created, NewSession told, Optional<Ending> ending) {

    /// That a visit is over.
    ///
    /// @param why as the client is told
    /// @param finish what the client said; empty: it fell silent
    public record Ending(Instant at, String why, Optional<Finish> finish) {}

    /// That a client has done with a visit.
    ///
    /// @param reason the client's own word for how it went
    public record Finish(String reason, Optional<String> detail) {}
}
