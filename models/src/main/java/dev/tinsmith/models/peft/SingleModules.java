package dev.tinsmith.models.peft;

import dev.tinsmith.engine.Floats;
import dev.tinsmith.engine.format.AdapterFolder;
import dev.tinsmith.engine.format.AdapterFolder.Factors;
import dev.tinsmith.engine.format.AdapterFolder.Stack;
import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/// The modules of an adapter as its base names them: where an adapter holds those of all experts
/// one upon another, one by one. One thread at a time.
public final class SingleModules {
    private static final String EXPERTS = ".experts.";

    /// The only block whose files call experts' modules as adapters do.
    private static final String MIXTRAL = ".block_sparse_moe";

    private static final Map<String, String> NAMES =
            Map.of("w1", "gate_proj", "w3", "up_proj", "w2", "down_proj");

    private final AdapterFolder adapter;
    private final SortedMap<String, Place> places = new TreeMap<>();
    private Optional<Factors> last = Optional.empty();

    /// @param adapter stays open as long as this is asked
    public SingleModules(AdapterFolder adapter) {
        this.adapter = adapter;
        for (String module : adapter.modules()) {
            Optional<Stack> stack = adapter.stack(module);
            int experts = stack.map(each -> Math.max(each.a(), each.b())).orElse(1);
            for (int expert = 0; expert < experts; expert++) {
                String name = stack.isEmpty() ? module : name(module, expert);
                places.put(name, new Place(module, expert));
            }
        }
    }

    private record Place(String module, int expert) {}

    private static String name(String module, int expert) {
        int at = module.indexOf(EXPERTS);
        String block = module.substring(0, at);
        String leaf = module.substring(at + EXPERTS.length());
        String own = block.endsWith(MIXTRAL) ? leaf : NAMES.getOrDefault(leaf, leaf);
        return "%s%s%d.%s".formatted(block, EXPERTS, expert, own);
    }

    /// What they are called.
    public SortedSet<String> names() {
        return Collections.unmodifiableSortedSet(new TreeSet<>(places.keySet()));
    }

    /// Whether the adapter holds some of them one upon another.
    boolean areStacked() {
        return !names().equals(adapter.modules());
    }

    /// The factors of one of them.
    public Factors factors(String name) {
        Place place = Optional.ofNullable(places.get(name)).orElseThrow();
        Factors all =
                last.filter(factors -> factors.module().equals(place.module()))
                        .orElseGet(() -> adapter.factors(place.module()));
        last = Optional.of(all);
        return all.stack()
                .map(stack ->
                        new Factors(
                                name,
                                all.rank(),
                                part(all.a(), stack.a(), place.expert()),
                                part(all.b(), stack.b(), place.expert())))
                .orElse(all);
    }

    private static Floats part(Floats all, int count, int expert) {
        int size = all.length() / count;
        int from = count == 1 ? 0 : expert * size;
        return Floats.of(Arrays.copyOfRange(all.toArray(), from, from + size));
    }
}
