package dev.tinsmith.server.journal;

/// Which endpoint reads a request again. The names are written to disk.
public enum Verb {
    /// A run is made, fresh.
    CREATE,
    /// A pass, in protobuf, however it came.
    PASS,
    /// A step of the optimizer.
    STEP,
    /// A checkpoint to train from, or to sample from, or to carry away.
    SAVE,
    SAVE_FOR_SAMPLER,
    SAVE_EXTERNAL,
    /// A run is taken from a checkpoint, or made from one.
    LOAD,
    /// A sample.
    SAMPLE,
    /// A number that was refused; the payload is the reason.
    REFUSAL;

    /// Whether it is done in no order, and over once it is done itself.
    boolean isAlone() {
        return this == SAMPLE;
    }
}
