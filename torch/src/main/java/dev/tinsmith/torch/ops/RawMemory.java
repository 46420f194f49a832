package dev.tinsmith.torch.ops;

import java.lang.foreign.MemorySegment;
import org.bytedeco.javacpp.Pointer;

/// The address of a segment that someone else owns and keeps alive.
final class RawMemory extends Pointer {
    RawMemory(MemorySegment segment) {
        this.address = segment.address();
    }
}
