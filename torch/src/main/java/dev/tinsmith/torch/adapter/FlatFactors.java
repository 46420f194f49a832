package dev.tinsmith.torch.adapter;

import dev.tinsmith.torch.lora.FactorSet;
import dev.tinsmith.torch.lora.Factors;
import dev.tinsmith.torch.lora.Site;
import dev.tinsmith.torch.ops.Magnitude;
import dev.tinsmith.torch.ops.Scope;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/// A flat row of numbers, seen as the factors that an [AdapterLayout] says it holds. It owns the
/// row.
public final class FlatFactors implements FactorSet, AutoCloseable {
    private final AdapterLayout layout;
    private final Tensor flat_N;
    private final List<Map<Site, List<Factors>>> layers = new ArrayList<>();
    private final Optional<Factors> unembedding;
    private final List<Tensor> views = new ArrayList<>();

    /// @param flat_N kept out of every scope by the caller
    public FlatFactors(AdapterLayout layout, Tensor flat_N) {
        this.layout = layout;
        this.flat_N = flat_N;
        try (Scope scope = Scope.open()) {
            for (int layer = 0; layer < layout.layers(); layer++) {
                Map<Site, List<Factors>> factors = new EnumMap<>(Site.class);
                for (Site site : Site.values()) {
                    List<Factors> ofEach =
                            layout.at(layer, site).stream()
                                    .map(place -> factors(place, scope))
                                    .toList();
                    factors.put(site, ofEach);
                }
                layers.add(factors);
            }
            this.unembedding = layout.unembedding().map(place -> factors(place, scope));
        }
    }

    private Factors factors(AdapterLayout.Place place, Scope scope) {
        int rank = layout.lora().rank();
        Tensor down = view(place.down(), place.in(), (long) rank * place.parts().size(), scope);
        List<Tensor> up =
                place.parts().stream()
                        .map(part -> view(part.up(), rank, part.out(), scope))
                        .toList();
        return new Factors(down, up, layout.lora().scale());
    }

    private Tensor view(long offset, long rows, long columns, Scope scope) {
        Tensor view = scope.keep(flat_N.narrow(0, offset, rows * columns).view(rows, columns));
        views.add(view);
        return view;
    }

    /// All of it.
    public Tensor flat_N() {
        return flat_N;
    }

    /// The part nearest the model's end, and so the first on the way back, some of whose numbers
    /// are none, as checkpoints name it.
    public Optional<String> lastNotFinite() {
        if (unembedding.isPresent() && !isFinite(unembedding.get())) {
            return Optional.of(AdapterLayout.UNEMBEDDING);
        }
        return IntStream.iterate(layers.size() - 1, layer -> layer >= 0, layer -> layer - 1)
                .filter(layer -> !isFinite(layers.get(layer)))
                .mapToObj("model.layers.%d"::formatted)
                .findFirst();
    }

    private static boolean isFinite(Map<Site, List<Factors>> layer) {
        return layer.values().stream().flatMap(List::stream).allMatch(FlatFactors::isFinite);
    }

    private static boolean isFinite(Factors factors) {
        return Magnitude.isFinite(factors.down_IR())
                && factors.up_rO().stream().allMatch(Magnitude::isFinite);
    }

    @Override
    public Optional<Factors> at(int layer, Site site, int expert) {
        List<Factors> ofEach = layers.get(layer).getOrDefault(site, List.of());
        return ofEach.isEmpty() ? Optional.empty() : Optional.of(ofEach.get(expert));
    }

    @Override
    public Optional<Factors> unembedding() {
        return unembedding;
    }

    @Override
    public void close() {
        Scope.free(views);
        Scope.free(flat_N);
    }
}
