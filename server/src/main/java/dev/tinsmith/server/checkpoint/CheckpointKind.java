package dev.tinsmith.server.checkpoint;

import java.util.Arrays;
import java.util.Optional;

/// What a checkpoint is good for.
public enum CheckpointKind {
    /// Training can go on from it: adapter, optimizer, step.
    WEIGHTS("weights"),
    /// Samples can be drawn from it: the adapter alone.
    SAMPLER_WEIGHTS("sampler_weights"),
    /// It can be carried away: the adapter as PEFT reads it.
    EXTERNAL_WEIGHTS("external_weights");

    private final String segment;

    CheckpointKind(String segment) {
        this.segment = segment;
    }

    /// Its part of a `tinker://` path, and the name of its folder.
    public String segment() {
        return segment;
    }

    /// The kind that `segment` means, if any.
    public static Optional<CheckpointKind> of(String segment) {
        return Arrays.stream(values()).filter(kind -> kind.segment.equals(segment)).findFirst();
    }
}
