package dev.tinsmith.server.future;

import dev.tinsmith.engine.Outcome;
import dev.tinsmith.server.journal.Journal.Ticket;
import java.util.Optional;

/// That something promised is over.
///
/// @param line the run or the sampler that it was asked of
/// @param fingerprint of the request
/// @param telling how it is written; empty where nobody will be told after this process
/// @param asked the request must be on the disk before its outcome is
/// @param after runs once the client may be told
public record Ending(
        FutureId id,
        Owner owner,
        String line,
        long sequence,
        String fingerprint,
        Outcome outcome,
        Optional<Telling> telling,
        Ticket asked,
        Runnable after) {}
