package dev.tinsmith.models.peft;

import dev.tinsmith.engine.Floats;
import dev.tinsmith.engine.LoraSpec;
import dev.tinsmith.engine.format.AdapterConfig;
import dev.tinsmith.engine.format.AdapterFolder;
import dev.tinsmith.engine.format.AdapterFolder.Factors;
import dev.tinsmith.engine.format.AdapterFolder.Shape;
import dev.tinsmith.engine.format.FormatException;
import dev.tinsmith.models.DiskSpace;
import dev.tinsmith.models.InstalledModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Makes the folder of a checkpoint from a PEFT LoRA adapter of the same base, which computes what
/// PEFT computes with it, or says what stands in the way.
public final class AdapterImport {
    private final ForeignAdapter adapter;
    private final Projections projections;
    private final int rank;
    private boolean exact = true;

    private AdapterImport(ForeignAdapter adapter, InstalledModel base) {
        this.adapter = adapter;
        this.projections = Projections.of(base.folder());
        this.rank =
                powerOfTwo(
                        adapter.parts().values().stream()
                                .mapToInt(ForeignAdapter.Part::rank)
                                .max()
                                .orElse(1));
    }

    private static int powerOfTwo(int atLeast) {
        return atLeast == 1 ? 1 : Integer.highestOneBit(atLeast - 1) << 1;
    }

    /// The name that the adapter in `folder` gives its base, if it gives one.
    ///
    /// @throws FormatException if there is no adapter, or none that can be said here
    public static Optional<String> baseModel(Path folder) {
        return PeftSettings.read(folder).baseModel();
    }

    /// Writes the adapter in `folder`, which is one of `base`, into the empty folder `into`.
    ///
    /// @throws FormatException if it cannot be
    public static Imported read(Path folder, InstalledModel base, Path into) throws IOException {
        try (ForeignAdapter adapter = ForeignAdapter.open(folder, base)) {
            AdapterImport work = new AdapterImport(adapter, base);
            work.refuseRoots();
            LoraSpec lora = work.lora();
            List<Shape> shapes = work.shapes(lora);
            DiskSpace.REAL.require(into, bytes(shapes), "importing the adapter");
            AdapterFolder.writeWeights(into, shapes, work::factors);
            AdapterConfig config = new AdapterConfig(lora, base.name());
            if (work.canGoBack()) {
                config.write(into, Origin.note(adapter, work.rank));
            } else {
                config.write(into);
            }
            boolean moments = Moments.take(folder, adapter, into);
            return Imported.of(folder, adapter, lora, work.exact, moments);
        }
    }

    /// A scale with a root in it is taken where it is none.
    private void refuseRoots() {
        for (ForeignAdapter.Part part : adapter.parts().values()) {
            if (adapter.settings().rootScaled() && !folding(part).isPowerOfTwo()) {
                throw new FormatException(
                        "%s says use_rslora is true, and the scale of %s is %s; only where alpha/√r is a power of two can it be held here, train without use_rslora"
                                .formatted(AdapterConfig.FILE, part.key(), part.scale()));
            }
        }
    }

    private LoraSpec lora() {
        Set<Projections.Kind> kinds = EnumSet.noneOf(Projections.Kind.class);
        adapter.parts().keySet().forEach(module -> Projections.kind(module).ifPresent(kinds::add));
        return new LoraSpec(
                rank,
                0,
                kinds.contains(Projections.Kind.ATTENTION),
                kinds.contains(Projections.Kind.FEED_FORWARD),
                kinds.contains(Projections.Kind.UNEMBEDDING));
    }

    /// Every module that such a run has, whether the adapter changes it or not.
    private List<Shape> shapes(LoraSpec lora) {
        return projections.sizes().entrySet().stream()
                .filter(entry -> isHeld(lora, entry.getKey()))
                .map(entry ->
                        new Shape(
                                entry.getKey(),
                                rank,
                                entry.getValue().in(),
                                entry.getValue().out()))
                .toList();
    }

    private static boolean isHeld(LoraSpec lora, String module) {
        return Projections.kind(module)
                .filter(kind ->
                        switch (kind) {
                            case ATTENTION -> lora.attn();
                            case FEED_FORWARD -> lora.mlp();
                            case UNEMBEDDING -> lora.unembed();
                        })
                .isPresent();
    }

    private static long bytes(List<Shape> shapes) {
        return shapes.stream()
                .mapToLong(shape -> (long) Float.BYTES * shape.rank() * (shape.in() + shape.out()))
                .sum();
    }

    private Factors factors(Shape shape) {
        Optional<ForeignAdapter.Part> known =
                Optional.ofNullable(adapter.parts().get(shape.module()));
        return known.map(this::factors)
                .orElseGet(() ->
                        new Factors(
                                shape.module(),
                                rank,
                                Floats.of(new float[rank * shape.in()]),
                                Floats.of(new float[rank * shape.out()])));
    }

    private Factors factors(ForeignAdapter.Part part) {
        float[] b_OR = adapter.numbers(part.b());
        Folding folding = folding(part);
        Factors ours = folding.done(part.module(), adapter.numbers(part.a()), b_OR);
        exact &= folding.isPowerOfTwo() && folding.keeps(b_OR, ours);
        return ours;
    }

    private Folding folding(ForeignAdapter.Part part) {
        return Folding.of(part.rank(), part.scale(), rank);
    }

    /// Whether what PEFT wrote can be written again, to the bit and under the same names.
    private boolean canGoBack() {
        return exact
                && adapter.parts().values().stream()
                        .allMatch(part -> part.key().equals(part.module()));
    }
}
