package dev.tinsmith.torch.adapter;

import dev.tinsmith.engine.Floats;
import dev.tinsmith.engine.LoraSpec;
import dev.tinsmith.engine.format.AdapterConfig;
import dev.tinsmith.engine.format.AdapterFolder;
import dev.tinsmith.engine.format.FormatException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

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
            Path into,
            AdapterLayout layout,
            String baseModel,
            float[] values,
            Optional<Moments> moments) {
        AdapterFolder.write(
                into, new AdapterConfig(layout.lora(), baseModel), factors(layout, values));
        moments.ifPresent(state ->
                AdapterFolder.writeMoments(
                        into,
                        new AdapterFolder.Moments(
                                state.step(),
                                factors(layout, state.mean()),
                                factors(layout, state.square()))));
    }

    private static List<AdapterFolder.Factors> factors(AdapterLayout layout, float[] flat) {
        return layout.modules().stream()
                .map(module ->
                        new AdapterFolder.Factors(
                                module.name(),
                                module.rank(),
                                Floats.of(module.takeA(flat)),
                                Floats.of(module.takeB(flat))))
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
            return flat(layout, folder.modules().stream().map(folder::factors).toList());
        }
    }

    /// The moments beside it.
    ///
    /// @throws FormatException if there are none, or they do not fit `layout`
    public static Moments moments(Path from, AdapterLayout layout) {
        try (AdapterFolder folder = AdapterFolder.open(from)) {
            AdapterFolder.Moments moments = folder.moments();
            return new Moments(
                    flat(layout, moments.mean()), flat(layout, moments.square()), moments.step());
        }
    }

    /// The flat row that holds these factors, if they are those of the layout and no others.
    private static float[] flat(AdapterLayout layout, List<AdapterFolder.Factors> all) {
        var wanted =
                layout.modules().stream()
                        .collect(Collectors.toMap(AdapterLayout.Module::name, module -> module));
        float[] flat = new float[Math.toIntExact(layout.size())];
        for (AdapterFolder.Factors factors : all) {
            AdapterLayout.Module module =
                    Optional.ofNullable(wanted.remove(factors.module()))
                            .orElseThrow(() -> unfit("adapts " + factors.module()));
            if (factors.in() != module.in() || factors.out() != module.out()) {
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
        if (!wanted.isEmpty()) {
            throw unfit("does not adapt " + new TreeSet<>(wanted.keySet()).first());
        }
        return flat;
    }

    private static FormatException unfit(String how) {
        return new FormatException(
                "the checkpoint %s; it was made for another base model, load it onto its own"
                        .formatted(how));
    }
}
