package dev.tinsmith.torch.adapter;

import dev.tinsmith.engine.Floats;
import dev.tinsmith.engine.LoraSpec;
import dev.tinsmith.engine.format.AdapterConfig;
import dev.tinsmith.engine.format.AdapterFolder;
import dev.tinsmith.engine.format.FormatException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Adapters and the moments of their optimizers, between flat rows and the folders of checkpoints.
public final class AdapterFiles {
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
            Path into, AdapterLayout layout, String baseModel, MemorySegment values) {
        AdapterFolder.write(
                into, new AdapterConfig(layout.lora(), baseModel), factors(layout, values));
    }

    /// Puts the state of an optimizer beside it.
    ///
    /// @param mean the running mean of the gradient, a flat row
    /// @param square the running mean of its square, likewise
    /// @param step how many steps were taken
    public static void writeMoments(
            Path into, AdapterLayout layout, MemorySegment mean, MemorySegment square, long step) {
        AdapterFolder.writeMoments(
                into,
                new AdapterFolder.Moments(step, factors(layout, mean), factors(layout, square)));
    }

    private static List<AdapterFolder.Factors> factors(AdapterLayout layout, MemorySegment flat) {
        return layout.modules().stream()
                .map(module ->
                        new AdapterFolder.Factors(
                                module.name(),
                                module.rank(),
                                Floats.of(module.takeA(flat)),
                                Floats.of(module.takeB(flat)),
                                module.stack()))
                .toList();
    }

    /// The shape of the adapter in `from`.
    public static LoraSpec lora(Path from) {
        return AdapterConfig.read(from).lora();
    }

    /// The flat row of the adapter in `from`.
    ///
    /// @throws FormatException if it does not fit `layout`
    public static float[] values(Path from, AdapterLayout layout) {
        try (AdapterFolder folder = AdapterFolder.open(from)) {
            return flat(layout, folder.modules().stream().map(folder::factors));
        }
    }

    /// The moments beside it.
    ///
    /// @throws FormatException if there are none, or they do not fit `layout`
    public static Moments moments(Path from, AdapterLayout layout) {
        try (AdapterFolder folder = AdapterFolder.open(from)) {
            AdapterFolder.Moments moments = folder.moments();
            return new Moments(
                    flat(layout, moments.mean().stream()),
                    flat(layout, moments.square().stream()),
                    moments.step());
        }
    }

    /// The flat row that holds these factors, if they are those of the layout and no others. They
    /// are taken one at a time.
    private static float[] flat(AdapterLayout layout, Stream<AdapterFolder.Factors> all) {
        Map<String, AdapterLayout.Module> wanted =
                layout.modules().stream()
                        .collect(Collectors.toMap(AdapterLayout.Module::name, module -> module));
        float[] flat = new float[Math.toIntExact(layout.size())];
        all.forEach(factors -> {
            AdapterLayout.Module module =
                    Optional.ofNullable(wanted.remove(factors.module()))
                            .orElseThrow(() -> unfit("adapts " + factors.module()));
            put(factors, module, flat);
        });
        if (!wanted.isEmpty()) {
            throw unfit("does not adapt " + new TreeSet<>(wanted.keySet()).first());
        }
        return flat;
    }

    private static void put(
            AdapterFolder.Factors factors, AdapterLayout.Module module, float[] flat) {
        if (factors.in() != module.in()
                || factors.out() != module.out()
                || !factors.stack().equals(module.stack())) {
            throw unfit(
                    "takes %d numbers to %d in %s, which has %d and %d"
                            .formatted(
                                    factors.in(),
                                    factors.out(),
                                    module.name(),
                                    module.in(),
                                    module.out()));
        }
        module.putA(factors.a().toArray(), flat);
        module.putB(factors.b().toArray(), flat);
    }

    private static FormatException unfit(String how) {
        return new FormatException(
                "the checkpoint %s; it was made for another base model, load it onto its own"
                        .formatted(how));
    }
}
