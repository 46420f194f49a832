package dev.tinsmith.torch.model;

/// How the residual stream is normalised.
///
/// @param eps what keeps a row of zeros from being divided by zero
/// @param fromOne whether a stored weight is what its column's factor exceeds 1 by
/// @param after whether what a block puts out is normalised too, before it is added
public record NormSpec(double eps, boolean fromOne, boolean after) {
    /// Before each block, by the weights as they are stored.
    public static NormSpec of(double eps) {
        return new NormSpec(eps, false, false);
    }

    /// How many a layer has.
    int perLayer() {
        return after ? 4 : 2;
    }
}
