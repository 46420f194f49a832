package dev.tinsmith.torch.adapter;

import dev.tinsmith.engine.LoraSpec;
import dev.tinsmith.engine.format.AdapterConfig;
import dev.tinsmith.engine.format.DType;
import dev.tinsmith.engine.format.FormatException;
import dev.tinsmith.engine.format.Safetensors;
import dev.tinsmith.engine.format.TensorSpec;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Adapters in folders, in the layout and under the names that PEFT reads; the moments of the
/// optimizer beside them.
public final class AdapterFiles {
    private static final String WEIGHTS = "adapter_model.safetensors";
    private static final String OPTIMIZER = "optimizer.safetensors";
    private static final String PREFIX = "base_model.model.";
    private static final String STEP = "step";

    private AdapterFiles() {}

    /// The moments of an optimizer as flat rows in an adapter's layout.
    public static final class Moments {
        private final float[] mean;
        private final float[] square;
        private final long step;

        /// Takes the arrays as they are; nobody changes them afterwards.
        public Moments(float[] mean, float[] square, long step) {
            this.mean = mean;
            this.square = square;
            this.step = step;
        }

        /// The running mean of the gradient.
        public float[] mean() {
            return mean;
        }

        /// The running mean of its square.
        public float[] square() {
            return square;
        }

        /// How many steps were taken.
        public long step() {
            return step;
        }
    }

    /// Writes an adapter into the empty folder `into`.
    ///
    /// @param values the flat row of the adapter
    public static void write(
            Path into,
            AdapterLayout layout,
            String baseModel,
            float[] values,
            Optional<Moments> moments) {
        new AdapterConfig(layout.lora(), baseModel).write(into);
        try (Arena arena = Arena.ofConfined()) {
            Writer weights = new Writer(arena);
            for (AdapterLayout.Module module : layout.modules()) {
                String name = PREFIX + module.name();
                weights.add(name + ".lora_A.weight", module.shapeA(), module.takeA(values));
                weights.add(name + ".lora_B.weight", module.shapeB(), module.takeB(values));
            }
            Safetensors.write(into.resolve(WEIGHTS), Map.of("format", "pt"), weights.entries);
        }
        moments.ifPresent(state -> writeMoments(into, layout, state));
    }

    private static void writeMoments(Path into, AdapterLayout layout, Moments moments) {
        try (Arena arena = Arena.ofConfined()) {
            Writer writer = new Writer(arena);
            for (AdapterLayout.Module module : layout.modules()) {
                String a = module.name() + ".lora_A.";
                String b = module.name() + ".lora_B.";
                writer.add(a + "m", module.shapeA(), module.takeA(moments.mean()));
                writer.add(a + "v", module.shapeA(), module.takeA(moments.square()));
                writer.add(b + "m", module.shapeB(), module.takeB(moments.mean()));
                writer.add(b + "v", module.shapeB(), module.takeB(moments.square()));
            }
            Safetensors.write(
                    into.resolve(OPTIMIZER),
                    Map.of(STEP, Long.toString(moments.step())),
                    writer.entries);
        }
    }

    /// The shape of the adapter in `from`.
    public static LoraSpec lora(Path from) {
        return AdapterConfig.read(from).lora();
    }

    /// The flat row of the adapter in `from`.
    ///
    /// @throws FormatException if it does not fit `layout`
    public static float[] values(Path from, AdapterLayout layout) {
        try (Safetensors file = Safetensors.open(from.resolve(WEIGHTS))) {
            float[] flat = new float[Math.toIntExact(layout.size())];
            for (AdapterLayout.Module module : layout.modules()) {
                String name = PREFIX + module.name();
                module.putA(read(file, name + ".lora_A.weight", module.shapeA()), flat);
                module.putB(read(file, name + ".lora_B.weight", module.shapeB()), flat);
            }
            return flat;
        }
    }

    /// The moments beside it.
    ///
    /// @throws FormatException if there are none, or they do not fit `layout`
    public static Moments moments(Path from, AdapterLayout layout) {
        if (!Files.exists(from.resolve(OPTIMIZER))) {
            throw new FormatException(
                    "the checkpoint has no optimizer state; load it without, or save with it");
        }
        try (Safetensors file = Safetensors.open(from.resolve(OPTIMIZER))) {
            float[] mean = new float[Math.toIntExact(layout.size())];
            float[] square = new float[mean.length];
            for (AdapterLayout.Module module : layout.modules()) {
                String a = module.name() + ".lora_A.";
                String b = module.name() + ".lora_B.";
                module.putA(read(file, a + "m", module.shapeA()), mean);
                module.putA(read(file, a + "v", module.shapeA()), square);
                module.putB(read(file, b + "m", module.shapeB()), mean);
                module.putB(read(file, b + "v", module.shapeB()), square);
            }
            return new Moments(mean, square, step(file));
        }
    }

    private static long step(Safetensors file) {
        String step = file.metadata().getOrDefault(STEP, "");
        try {
            return Long.parseLong(step);
        } catch (NumberFormatException _) {
            throw new FormatException(
                    "%s: step is '%s'; it must be a whole number".formatted(OPTIMIZER, step));
        }
    }

    private static float[] read(Safetensors file, String name, List<Long> shape) {
        TensorSpec found =
                Optional.ofNullable(file.tensors().get(name))
                        .orElseThrow(() -> new FormatException("the checkpoint lacks " + name));
        if (!found.shape().equals(shape)) {
            throw new FormatException(
                    "%s has shape %s; this base and rank make it %s"
                            .formatted(name, found.shape(), shape));
        }
        return file.floats(name);
    }

    private static final class Writer {
        private final Arena arena;
        private final List<Safetensors.Entry> entries = new ArrayList<>();

        Writer(Arena arena) {
            this.arena = arena;
        }

        void add(String name, List<Long> shape, float[] values) {
            MemorySegment data = arena.allocateFrom(ValueLayout.JAVA_FLOAT, values);
            entries.add(new Safetensors.Entry(new TensorSpec(name, DType.F32, shape), data));
        }
    }
}
