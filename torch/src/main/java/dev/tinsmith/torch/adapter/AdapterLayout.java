package dev.tinsmith.torch.adapter;

import dev.tinsmith.engine.LoraSpec;
import dev.tinsmith.torch.lora.Site;
import dev.tinsmith.torch.model.DecoderSpec;
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
    private final List<Map<Site, Place>> layers = new ArrayList<>();
    private final Optional<Place> unembedding;
    private long size;

    /// @param spec the base
    public AdapterLayout(DecoderSpec spec, LoraSpec lora) {
        this.lora = lora;
        for (int layer = 0; layer < spec.layers(); layer++) {
            Map<Site, Place> places = new EnumMap<>(Site.class);
            for (Site site : Site.values()) {
                if (site.isAttention() ? lora.attn() : lora.mlp()) {
                    places.put(site, place(spec, layer, site));
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

    private Place place(DecoderSpec spec, int layer, Site site) {
        List<String> modules =
                site.modules().stream()
                        .map(module -> "model.layers.%d.%s".formatted(layer, module))
                        .toList();
        return place(modules, site.in(spec), site.outs(spec));
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

    Optional<Place> at(int layer, Site site) {
        return Optional.ofNullable(layers.get(layer).get(site));
    }

    Optional<Place> unembedding() {
        return unembedding;
    }

    /// Every module that is adapted, in order.
    List<Module> modules() {
        List<Module> modules = new ArrayList<>();
        for (Map<Site, Place> places : layers) {
            places.values().forEach(there -> modules.addAll(there.modules(lora.rank())));
        }
        unembedding.ifPresent(there -> modules.addAll(there.modules(lora.rank())));
        return modules;
    }

    /// The factors of one projection.
    ///
    /// @param down where the shared `[in, parts × rank]` begins
    record Place(int in, long down, List<Part> parts) {
        List<Module> modules(int rank) {
            List<Module> modules = new ArrayList<>();
            for (int part = 0; part < parts.size(); part++) {
                Part here = parts.get(part);
                long a = down + (long) part * rank;
                int stride = parts.size() * rank;
                modules.add(new Module(here.module(), in, here.out(), rank, a, stride, here.up()));
            }
            return modules;
        }
    }

    /// One module of a projection.
    ///
    /// @param up where its `[rank, out]` begins
    record Part(String module, int out, long up) {}

    /// The two factors of one module of the checkpoint.
    ///
    /// @param a where A[0, 0] lies; A[k, i] lies `i·stride + k` further
    /// @param b where B[0, 0] lies; B[o, k] lies `k·out + o` further
    record Module(String name, int in, int out, int rank, long a, int stride, long b) {
        /// The shape in which checkpoints hold A, `[rank, in]`.
        List<Long> shapeA() {
            return List.of((long) rank, (long) in);
        }

        /// The shape in which checkpoints hold B, `[out, rank]`.
        List<Long> shapeB() {
            return List.of((long) out, (long) rank);
        }

        /// Reads A from the flat row, in the order in which checkpoints hold it.
        float[] takeA(MemorySegment flat) {
            float[] values = new float[rank * in];
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
            float[] values = new float[out * rank];
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
            return Math.toIntExact(a + (long) (cell % in) * stride + cell / in);
        }

        private int atB(int cell) {
            return Math.toIntExact(b + (long) (cell % rank) * out + cell / rank);
        }
    }
}
