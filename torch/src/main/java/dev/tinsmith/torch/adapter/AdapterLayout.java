package dev.tinsmith.torch.adapter;

import dev.tinsmith.engine.LoraSpec;
import dev.tinsmith.engine.format.AdapterFolder;
import dev.tinsmith.torch.lora.Site;
import dev.tinsmith.torch.model.DecoderSpec;
import dev.tinsmith.torch.model.FeedForwardSpec;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Where each factor of an adapter lies in the flat row that holds them all.
///
/// One row for everything makes the optimizer a handful of operations, whatever the number of
/// layers.
public final class AdapterLayout {
    /// The module of the unembedding.
    static final String UNEMBEDDING = "lm_head";

    /// Factors begin at multiples of this, so that each is aligned.
    private static final int ALIGNMENT = 32;

    private final LoraSpec lora;
    private final List<Map<Site, List<Place>>> layers = new ArrayList<>();
    private final Optional<Place> unembedding;
    private long size;

    /// @param spec the base
    public AdapterLayout(DecoderSpec spec, LoraSpec lora) {
        this.lora = lora;
        for (int layer = 0; layer < spec.layers(); layer++) {
            Map<Site, List<Place>> places = new EnumMap<>(Site.class);
            for (Site site : Site.values()) {
                if (site.isAttention() ? lora.attn() : lora.mlp()) {
                    places.put(site, places(spec, layer, site));
                }
            }
            layers.add(places);
        }
        this.unembedding =
                lora.unembed()
                        ? Optional.of(
                                place(
                                        List.of(UNEMBEDDING),
                                        spec.hidden(),
                                        List.of(spec.vocabulary())))
                        : Optional.empty();
    }

    private List<Place> places(DecoderSpec spec, int layer, Site site) {
        Optional<FeedForwardSpec.Experts> experts =
                spec.feedForward().experts().filter(_ -> !site.isAttention());
        return experts.map(each -> expertPlaces(spec, layer, site, each))
                .orElseGet(() ->
                        List.of(
                                place(
                                        named(layer, site.modules()),
                                        site.in(spec),
                                        site.outs(spec))));
    }

    private static List<String> named(int layer, List<String> modules) {
        return modules.stream()
                .map(module -> "model.layers.%d.%s".formatted(layer, module))
                .toList();
    }

    /// One place for each expert. They share the factor at the side of the residual stream: A of
    /// those that read it, B of the one that writes it.
    private List<Place> expertPlaces(
            DecoderSpec spec, int layer, Site site, FeedForwardSpec.Experts experts) {
        List<String> modules =
                named(
                        layer,
                        site.expertModules().stream()
                                .map(module -> experts.block() + ".experts." + module)
                                .toList());
        int in = site.in(spec);
        List<Integer> outs = site.outs(spec);
        boolean writes = site == Site.DOWN;
        long shared =
                reserve((long) lora.rank() * (writes ? outs.getFirst() : in * modules.size()));
        List<Place> places = new ArrayList<>();
        for (int expert = 0; expert < experts.count(); expert++) {
            long down = writes ? reserve((long) lora.rank() * in) : shared;
            List<Part> parts = new ArrayList<>();
            for (int part = 0; part < modules.size(); part++) {
                long up = writes ? shared : reserve((long) lora.rank() * outs.get(part));
                parts.add(new Part(modules.get(part), outs.get(part), up));
            }
            places.add(new Place(in, down, List.copyOf(parts)));
        }
        return places;
    }

    private Place place(List<String> modules, int in, List<Integer> outs) {
        long down = reserve((long) in * lora.rank() * modules.size());
        List<Part> parts = new ArrayList<>();
        for (int part = 0; part < modules.size(); part++) {
            int out = outs.get(part);
            parts.add(new Part(modules.get(part), out, reserve((long) lora.rank() * out)));
        }
        return new Place(in, down, List.copyOf(parts));
    }

    private long reserve(long numbers) {
        long offset = size;
        size += Math.ceilDiv(numbers, ALIGNMENT) * ALIGNMENT;
        return offset;
    }

    /// The shape of the adapter.
    public LoraSpec lora() {
        return lora;
    }

    /// How many layers the base has.
    int layers() {
        return layers.size();
    }

    /// How many numbers the row has.
    public long size() {
        return size;
    }

    /// The place of each expert; one where there are none; nothing where nothing is adapted.
    List<Place> at(int layer, Site site) {
        return layers.get(layer).getOrDefault(site, List.of());
    }

    Optional<Place> unembedding() {
        return unembedding;
    }

    /// Every module that is adapted, in order.
    List<Module> modules() {
        List<Module> modules = new ArrayList<>();
        for (Map<Site, List<Place>> sites : layers) {
            sites.values().forEach(places -> modules.addAll(modules(places)));
        }
        unembedding.ifPresent(there -> modules.addAll(modules(List.of(there))));
        return modules;
    }

    private List<Module> modules(List<Place> places) {
        List<Module> modules = new ArrayList<>();
        int rank = lora.rank();
        Place first = places.getFirst();
        int stride = first.parts().size() * rank;
        for (int index = 0; index < first.parts().size(); index++) {
            int part = index;
            List<Long> a =
                    places.stream()
                            .map(place -> place.down() + (long) part * rank)
                            .distinct()
                            .toList();
            List<Long> b =
                    places.stream().map(place -> place.parts().get(part).up()).distinct().toList();
            Part here = first.parts().get(part);
            modules.add(
                    new Module(
                            here.module(),
                            first.in(),
                            here.out(),
                            rank,
                            a,
                            stride,
                            b,
                            places.size() > 1));
        }
        return modules;
    }

    /// The factors of one projection.
    ///
    /// @param down where the shared `[in, parts × rank]` begins
    record Place(int in, long down, List<Part> parts) {}

    /// One module of a projection.
    ///
    /// @param up where its `[rank, out]` begins
    record Part(String module, int out, long up) {}

    /// The two factors of one module of the checkpoint; of experts, those of all of them.
    ///
    /// @param a where A[0, 0] of each lies, once if they share it; A[k, i] lies `i·stride + k`
    ///   further
    /// @param b where B[0, 0] of each lies, likewise; B[o, k] lies `k·out + o` further
    /// @param stacked whether they are those of experts
    record Module(
            String name,
            int in,
            int out,
            int rank,
            List<Long> a,
            int stride,
            List<Long> b,
            boolean stacked) {
        /// How many of each factor there are, if they are those of experts.
        Optional<AdapterFolder.Stack> stack() {
            return stacked
                    ? Optional.of(new AdapterFolder.Stack(a.size(), b.size()))
                    : Optional.empty();
        }

        /// How many numbers A has.
        int countA() {
            return a.size() * rank * in;
        }

        /// Reads A from the flat row, in the order in which checkpoints hold it.
        float[] takeA(MemorySegment flat) {
            float[] values = new float[countA()];
            for (int cell = 0; cell < values.length; cell++) {
                values[cell] = flat.getAtIndex(ValueLayout.JAVA_FLOAT, atA(cell));
            }
            return values;
        }

        /// Writes A, given in the order of checkpoints, into the flat row.
        void putA(float[] values, float[] flat) {
            for (int cell = 0; cell < values.length; cell++) {
                flat[atA(cell)] = values[cell];
            }
        }

        /// As [#takeA], for B.
        float[] takeB(MemorySegment flat) {
            float[] values = new float[b.size() * out * rank];
            for (int cell = 0; cell < values.length; cell++) {
                values[cell] = flat.getAtIndex(ValueLayout.JAVA_FLOAT, atB(cell));
            }
            return values;
        }

        /// As [#putA], for B.
        void putB(float[] values, float[] flat) {
            for (int cell = 0; cell < values.length; cell++) {
                flat[atB(cell)] = values[cell];
            }
        }

        private int atA(int cell) {
            int size = rank * in;
            long first = a.get(cell / size);
            int here = cell % size;
            return Math.toIntExact(first + (long) (here % in) * stride + here / in);
        }

        private int atB(int cell) {
            int size = rank * out;
            long first = b.get(cell / size);
            int here = cell % size;
            return Math.toIntExact(first + (long) (here % rank) * out + here / rank);
        }
    }
}
