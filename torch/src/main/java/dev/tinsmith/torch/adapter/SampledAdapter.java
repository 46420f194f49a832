package dev.tinsmith.torch.adapter;

import dev.tinsmith.torch.lora.Adaptation;
import dev.tinsmith.torch.lora.Added;
import dev.tinsmith.torch.lora.FrozenFactors;
import dev.tinsmith.torch.lora.Site;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// An adapter in bf16 that is only ever sampled from. It owns its numbers.
final class SampledAdapter implements Adaptation, AutoCloseable {
    private final List<Map<Site, List<FrozenFactors>>> layers = new ArrayList<>();
    private final Optional<FrozenFactors> unembedding;

    /// Copies `adapter`.
    SampledAdapter(Adapter adapter) {
        for (int layer = 0; layer < adapter.layout().layers(); layer++) {
            Map<Site, List<FrozenFactors>> sites = new EnumMap<>(Site.class);
            for (Site site : Site.values()) {
                List<FrozenFactors> ofEach = new ArrayList<>();
                for (int expert = 0; expert < adapter.layout().at(layer, site).size(); expert++) {
                    adapter.factors()
                            .at(layer, site, expert)
                            .ifPresent(factors -> ofEach.add(FrozenFactors.of(factors)));
                }
                sites.put(site, ofEach);
            }
            layers.add(sites);
        }
        this.unembedding = adapter.factors().unembedding().map(FrozenFactors::of);
    }

    @Override
    public Optional<? extends Added> at(int layer, Site site, int expert) {
        List<FrozenFactors> ofEach = layers.get(layer).getOrDefault(site, List.of());
        return ofEach.isEmpty() ? Optional.empty() : Optional.of(ofEach.get(expert));
    }

    @Override
    public Optional<? extends Added> unembedding() {
        return unembedding;
    }

    @Override
    public void close() {
        layers.forEach(sites -> sites.values().forEach(each -> each.forEach(FrozenFactors::close)));
        unembedding.ifPresent(FrozenFactors::close);
    }
}
