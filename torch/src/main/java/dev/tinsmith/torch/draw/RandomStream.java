package dev.tinsmith.torch.draw;

/// Random numbers by counting: each follows from the seed, the sample's index and the token's place
/// alone, so a sample does not depend on who is sampled beside it.
///
/// @param index of the sample, from 0; or, less than 0, one more stream of the same request
public record RandomStream(long seed, int index) {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    /// A number from 0 up to, not including, 1.
    public double uniform(int position) {
        long stream = mix(seed + GOLDEN * (index + 1));
        return (mix(stream + GOLDEN * (position + 1)) >>> 11) * 0x1p-53;
    }

    private static long mix(long bits) {
        long mixed = (bits ^ (bits >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }
}
