package dev.tinsmith.server.run;

import dev.tinsmith.engine.LoraSpec;
import dev.tinsmith.engine.RunId;
import dev.tinsmith.server.checkpoint.Checkpoint;
import dev.tinsmith.server.future.Owner;
import java.time.Instant;
import java.util.SortedMap;

/// What is known of a run, whether it is under way, closed, or of an earlier life of this server.
///
/// @param lastRequest when its owner last asked for it; for one that is long gone, when it was last
///   saved
public record RunFacts(
        RunId id,
        Owner owner,
        String baseModel,
        LoraSpec lora,
        Instant created,
        Instant lastRequest,
        SortedMap<String, String> metadata) {

    /// What a checkpoint knows of the run that left it.
    static RunFacts of(Checkpoint left) {
        return new RunFacts(
                left.path().run(),
                left.owner(),
                left.baseModel(),
                left.lora(),
                left.run().created(),
                left.time(),
                left.run().metadata());
    }
}
