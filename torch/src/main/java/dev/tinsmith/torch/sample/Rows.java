package dev.tinsmith.torch.sample;

import dev.tinsmith.torch.attention.KvSlab;
import dev.tinsmith.torch.attention.SlabMixer;
import dev.tinsmith.torch.lora.Adaptation;
import dev.tinsmith.torch.lora.Blend;
import dev.tinsmith.torch.nn.Decoder;
import dev.tinsmith.torch.ops.Ops;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/// The continuations of one base that are decoding, each with a slot for its keys and values. A
/// slab holds those of about the same length.
final class Rows implements AutoCloseable {
    private static final int MIN_ROOM = 128;
    private static final int FIRST_SLOTS = 4;

    /// How many tokens a slab has room for at first, if that is more.
    private static final int FIRST_TOKENS = 2_048;

    private final Decoder decoder;
    private final SortedMap<Integer, Bay> bays = new TreeMap<>();

    Rows(Decoder decoder) {
        this.decoder = decoder;
    }

    /// One slab and who sits in its slots.
    private record Bay(KvSlab slab, List<Row> rows) {}

    /// One decoding continuation.
    record Row(Request request, Continuation continuation) {}

    int count() {
        return bays.values().stream().mapToInt(bay -> bay.rows().size()).sum();
    }

    boolean isEmpty() {
        return count() == 0;
    }

    /// Every row, in the order in which [#mixer] expects them.
    List<Row> all() {
        return bays.values().stream().flatMap(bay -> bay.rows().stream()).toList();
    }

    /// Lets in those of a request's continuations that go on.
    ///
    /// @param desk where its prompt's keys and values lie
    void enter(Request request, KvSlab desk) {
        List<Continuation> some =
                request.turn().stream().filter(continuation -> !continuation.isDone()).toList();
        if (some.isEmpty()) {
            return;
        }
        Bay bay = bay(desk.length(0) + 1);
        int slot = bay.slab().take(some.size(), 0);
        for (Continuation continuation : some) {
            bay.slab().copyFrom(desk, 0, slot++);
            bay.rows().add(new Row(request, continuation));
        }
    }

    private Bay bay(int length) {
        int room = Math.max(MIN_ROOM, Integer.highestOneBit(length - 1) * 2);
        return bays.computeIfAbsent(
                room,
                _ ->
                        new Bay(
                                new KvSlab(
                                        decoder.spec(),
                                        decoder.dtype(),
                                        room,
                                        Math.max(FIRST_SLOTS, FIRST_TOKENS / room)),
                                new ArrayList<>()));
    }

    /// Attention for the next token of every row. Whoever has outgrown a slab moves first.
    SlabMixer mixer() {
        for (Bay bay : List.copyOf(bays.values())) {
            for (int slot = bay.rows().size() - 1; slot >= 0; slot--) {
                if (bay.slab().length(slot) == bay.slab().room()) {
                    move(bay, slot);
                }
            }
        }
        return decoder.next(slabs());
    }

    private void move(Bay from, int slot) {
        Bay to = bay(from.slab().length(slot) + 1);
        int fresh = to.slab().take(1, 0);
        to.slab().copyFrom(from.slab(), slot, fresh);
        to.rows().add(from.rows().get(slot));
        leave(from, slot, false);
    }

    /// Says that every row has one more token in its slot.
    void advance() {
        slabs().forEach(KvSlab::advance);
    }

    private List<KvSlab> slabs() {
        return bays.values().stream().map(Bay::slab).filter(slab -> slab.slots() > 0).toList();
    }

    /// Takes out those rows that `leaves` names, and frees slabs that nobody is left in.
    ///
    /// @param wipe whether what they leave behind may not be numbers
    void remove(Predicate<Row> leaves, boolean wipe) {
        for (Bay bay : bays.values()) {
            for (int slot = bay.rows().size() - 1; slot >= 0; slot--) {
                if (leaves.test(bay.rows().get(slot))) {
                    leave(bay, slot, wipe);
                }
            }
        }
        bays.values().removeIf(bay -> bay.rows().isEmpty() && closed(bay));
    }

    private static boolean closed(Bay bay) {
        bay.slab().close();
        return true;
    }

    private static void leave(Bay bay, int slot, boolean wipe) {
        bay.slab().giveBack(slot, wipe);
        bay.rows().set(slot, bay.rows().getLast());
        bay.rows().removeLast();
    }

    /// Which adapter changes which row.
    Blend blend() {
        Map<Adaptation, List<Long>> byAdapter = new LinkedHashMap<>();
        long index = 0;
        for (Row row : all()) {
            byAdapter
                    .computeIfAbsent(row.request().adaptation(), _ -> new ArrayList<>())
                    .add(index++);
        }
        if (byAdapter.size() == 1) {
            return Blend.all(byAdapter.keySet().iterator().next());
        }
        return Blend.of(
                byAdapter.entrySet().stream()
                        .map(each -> share(each.getKey(), each.getValue()))
                        .toList());
    }

    private static Blend.Share share(Adaptation adaptation, Collection<Long> rows) {
        long[] index = rows.stream().mapToLong(row -> row).toArray();
        return new Blend.Share(adaptation, Optional.of(Ops.indices(index)));
    }

    @Override
    public void close() {
        remove(_ -> true, false);
    }
}
