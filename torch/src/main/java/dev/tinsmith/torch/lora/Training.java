package dev.tinsmith.torch.lora;

/// The adapter that a backward pass is for, and where its gradients are added up.
///
/// @param factors in the dtype that matrices are multiplied in
/// @param gradients F32, in the same shapes
public record Training(FactorSet factors, FactorSet gradients) {}
