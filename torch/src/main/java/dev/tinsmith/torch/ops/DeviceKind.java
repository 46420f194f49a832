package dev.tinsmith.torch.ops;

/// Where tensors live.
public enum DeviceKind {
    /// The processor's own memory.
    CPU,
    /// An NVIDIA GPU.
    CUDA
}
