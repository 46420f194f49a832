package dev.tinsmith.torch.adapter;

import java.nio.charset.StandardCharsets;

/// The numbers that a fresh adapter starts from: A uniform in ±1/√in, B zero.
///
/// They follow from the seed and each module's name alone, on every machine, whatever the layout.
final class FirstValues {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;
    private static final long FNV_OFFSET = 0xCBF29CE484222325L;
    private static final long FNV_PRIME = 0x100000001B3L;

    private FirstValues() {}

    /// A fresh row in `layout`.
    static float[] of(AdapterLayout layout) {
        float[] flat = new float[Math.toIntExact(layout.size())];
        for (AdapterLayout.Module module : layout.modules()) {
            module.putA(factorA(layout.lora().seed(), module), flat);
        }
        return flat;
    }

    private static float[] factorA(long seed, AdapterLayout.Module module) {
        double bound = 1 / Math.sqrt(module.in());
        long state = mix(seed ^ hash(module.name()));
        float[] values = new float[module.countA()];
        for (int cell = 0; cell < values.length; cell++) {
            double uniform = (mix(state + (cell + 1) * GOLDEN) >>> 11) * 0x1p-53;
            values[cell] = (float) ((2 * uniform - 1) * bound);
        }
        return values;
    }

    private static long hash(String name) {
        long hash = FNV_OFFSET;
        for (byte each : name.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (each & 0xFF)) * FNV_PRIME;
        }
        return hash;
    }

    private static long mix(long bits) {
        long mixed = (bits ^ (bits >>> 30)) * 0xBF58476D1CE4E5B9L;
        mixed = (mixed ^ (mixed >>> 27)) * 0x94D049BB133111EBL;
        return mixed ^ (mixed >>> 31);
    }
}
