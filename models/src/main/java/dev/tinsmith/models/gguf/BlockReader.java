package dev.tinsmith.models.gguf;

import java.lang.foreign.MemorySegment;

/// Turns one block back into the numbers it stands for, with the roundings that llama.cpp makes.
@FunctionalInterface
interface BlockReader {
    /// Reads the block at byte `at` of `from` into `into`, from index `to` on.
    void read(MemorySegment from, long at, float[] into, int to);
}
