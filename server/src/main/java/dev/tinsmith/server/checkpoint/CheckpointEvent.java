package dev.tinsmith.server.checkpoint;

import dev.tinsmith.server.future.Owner;
import java.time.Instant;

/// Something happened to a checkpoint.
///
/// @param checkpoint as it is afterwards, or was before it went
/// @param by who did it; of what happens by itself, the owner
public record CheckpointEvent(What what, Checkpoint checkpoint, Owner by, Instant at) {

    /// What happened.
    public sealed interface What {}

    /// It is there now.
    public record Created() implements What {}

    /// It was made from another one.
    public record Copied(CheckpointPath from) implements What {}

    /// Its files were used.
    public record Read(Purpose purpose) implements What {}

    /// Its end was set, or taken away.
    public record Kept() implements What {}

    /// Everybody may read it now, or only its owner.
    public record Published(boolean isPublic) implements What {}

    /// It is gone.
    public record Gone(Reason reason) implements What {}

    /// What files are used for.
    public enum Purpose {
        /// Training goes on from them.
        TRAINING,
        /// Samples are drawn from them.
        SAMPLING,
        /// They are carried away.
        DOWNLOAD
    }

    /// Why a checkpoint goes.
    public enum Reason {
        /// Its owner wanted it.
        DELETED,
        /// Its time was up.
        EXPIRED,
        /// Another one took its place.
        OVERWRITTEN
    }
}
