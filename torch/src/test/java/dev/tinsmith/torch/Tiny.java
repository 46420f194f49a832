package dev.tinsmith.torch;

import dev.tinsmith.engine.Base;
import dev.tinsmith.engine.Batch;
import dev.tinsmith.engine.Floats;
import dev.tinsmith.engine.LoraSpec;
import dev.tinsmith.engine.Tokens;
import dev.tinsmith.engine.format.Safetensors;
import dev.tinsmith.engine.format.TensorSpec;
import dev.tinsmith.torch.adapter.AdapterFiles;
import dev.tinsmith.torch.adapter.AdapterLayout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/// Small inputs for the tests of this module.
public final class Tiny {
    /// Adapts everything.
    public static final LoraSpec LORA = new LoraSpec(4, 7, true, true, true);

    private Tiny() {}

    /// A base in a folder under `directory`.
    public static Base base(Path directory) {
        return new Base("tiny", TinyModel.random(1).write(directory.resolve("base")));
    }

    /// A random datum of `length` tokens, with `width` targets each, a third of them of weight 0.
    public static Batch.Datum datum(Random random, int length, int width) {
        int vocabulary = TinyModel.SPEC.vocabulary();
        int[] tokens = random.ints(length, 0, vocabulary).toArray();
        int[] targets = random.ints((long) length * width, 0, vocabulary).toArray();
        float[] weights = new float[targets.length];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = random.nextInt(3) == 0 ? 0 : (float) random.nextGaussian();
        }
        return new Batch.Datum(
                Tokens.of(tokens),
                Tokens.of(targets),
                width,
                new TreeMap<>(Map.of("weights", Floats.of(weights))));
    }

    /// A checkpoint whose factors are all random, small enough not to drown the base.
    public static Path checkpoint(Path folder, LoraSpec lora, long seed) {
        AdapterLayout layout = new AdapterLayout(TinyModel.SPEC, lora);
        return write(folder, layout, randomValues(layout, seed));
    }

    /// Random numbers in a layout.
    public static float[] randomValues(AdapterLayout layout, long seed) {
        Random random = new Random(seed);
        float[] values = new float[(int) layout.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (0.05 * random.nextGaussian());
        }
        return values;
    }

    /// Writes a flat row as a checkpoint.
    public static Path write(Path folder, AdapterLayout layout, float[] values) {
        try {
            Files.createDirectories(folder);
            AdapterFiles.write(folder, layout, "tiny", MemorySegment.ofArray(values));
            return folder;
        } catch (IOException broken) {
            throw new UncheckedIOException(broken);
        }
    }

    /// The factors in a checkpoint, by names such as `lm_head.lora_A`.
    public static Map<String, TinyModel.Weight> factors(Path folder) {
        return tensors(folder.resolve("adapter_model.safetensors"));
    }

    /// The moments in a checkpoint, by names such as `lm_head.lora_A.m`.
    static Map<String, TinyModel.Weight> moments(Path folder) {
        return tensors(folder.resolve("optimizer.safetensors"));
    }

    private static Map<String, TinyModel.Weight> tensors(Path path) {
        Map<String, TinyModel.Weight> factors = new TreeMap<>();
        try (Safetensors file = Safetensors.open(path)) {
            for (TensorSpec tensor : file.tensors().values()) {
                String name = tensor.name().replace("base_model.model.", "").replace(".weight", "");
                factors.put(name, new TinyModel.Weight(tensor.shape(), file.floats(tensor.name())));
            }
        }
        return factors;
    }
}
