package dev.tinsmith.torch.attention;

import dev.tinsmith.torch.model.DecoderSpec;
import dev.tinsmith.torch.ops.Dtype;
import dev.tinsmith.torch.ops.Ops;
import dev.tinsmith.torch.ops.Scope;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/// The keys and values of sequences that grow token by token, each in a slot of the same room.
/// Slots in use are the first ones, so that all of them attend at once.
///
/// L layers, S slots, K key-value heads, P positions, E the width of a head.
public final class KvSlab implements AutoCloseable {
    private final DecoderSpec spec;
    private final Dtype dtype;
    private final int room;
    private final List<Integer> lengths = new ArrayList<>();
    private Tensor keys_LSKPE;
    private Tensor values_LSKPE;

    /// @param room how many tokens a slot has room for
    /// @param slots how many there are at first
    public KvSlab(DecoderSpec spec, Dtype dtype, int room, int slots) {
        this.spec = spec;
        this.dtype = dtype;
        this.room = room;
        this.keys_LSKPE = fresh(slots);
        this.values_LSKPE = fresh(slots);
    }

    /// One for the keys and values of a single text of `tokens` tokens.
    public static KvSlab ofOne(DecoderSpec spec, Dtype dtype, int tokens) {
        KvSlab slab = new KvSlab(spec, dtype, Products.padded(tokens), 1);
        slab.take(1, 0);
        return slab;
    }

    /// Zeros, not whatever was there: unused positions are multiplied by 0, and must be numbers.
    private Tensor fresh(long slots) {
        try (Scope scope = Scope.open()) {
            return scope.keep(
                    Ops.zeros(
                            dtype,
                            spec.layers(),
                            slots,
                            spec.heads().keyValue(),
                            room,
                            spec.heads().size()));
        }
    }

    /// How many tokens a slot has room for.
    public int room() {
        return room;
    }

    /// How many slots are in use.
    public int slots() {
        return lengths.size();
    }

    /// How many tokens a slot holds.
    public int length(int slot) {
        return lengths.get(slot);
    }

    /// The length of the longest.
    int longest() {
        return Collections.max(lengths);
    }

    /// Takes `count` slots, of consecutive numbers, for sequences of `length` tokens.
    ///
    /// @return the first one
    public int take(int count, int length) {
        int first = lengths.size();
        while (keys_LSKPE.size(1) < first + count) {
            keys_LSKPE = doubled(keys_LSKPE);
            values_LSKPE = doubled(values_LSKPE);
        }
        lengths.addAll(Collections.nCopies(count, length));
        return first;
    }

    private Tensor doubled(Tensor old_LSKPE) {
        long slots = old_LSKPE.size(1);
        Tensor twice_LSKPE = fresh(2 * slots);
        try (Scope _ = Scope.open()) {
            twice_LSKPE.narrow(1, 0, slots).copy_(old_LSKPE);
        }
        Scope.free(old_LSKPE);
        return twice_LSKPE;
    }

    /// Gives a slot back; the last one moves into its place.
    public void giveBack(int slot, boolean wipe) {
        int last = lengths.size() - 1;
        try (Scope _ = Scope.open()) {
            if (slot != last) {
                slot(keys_LSKPE, slot).copy_(slot(keys_LSKPE, last));
                slot(values_LSKPE, slot).copy_(slot(values_LSKPE, last));
            }
            if (wipe) {
                slot(keys_LSKPE, last).zero_();
                slot(values_LSKPE, last).zero_();
            }
        }
        lengths.set(slot, lengths.get(last));
        lengths.removeLast();
    }

    /// Copies a slot of `other`, which has less room, into `slot`.
    public void copyFrom(KvSlab other, int otherSlot, int slot) {
        int length = other.length(otherSlot);
        try (Scope _ = Scope.open()) {
            slot(keys_LSKPE, slot)
                    .narrow(2, 0, length)
                    .copy_(slot(other.keys_LSKPE, otherSlot).narrow(2, 0, length));
            slot(values_LSKPE, slot)
                    .narrow(2, 0, length)
                    .copy_(slot(other.values_LSKPE, otherSlot).narrow(2, 0, length));
        }
        lengths.set(slot, length);
    }

    /// Says that each slot in use has one more token.
    public void advance() {
        lengths.replaceAll(length -> length + 1);
    }

    /// Writes the keys and values, `[T, K, E]`, of the tokens from `from` on into the first slot.
    void write(int layer, int from, Tensor keys_TKE, Tensor values_TKE) {
        long count = keys_TKE.size(0);
        keys(layer).select(0, 0).narrow(1, from, count).copy_(keys_TKE.transpose(0, 1));
        values(layer).select(0, 0).narrow(1, from, count).copy_(values_TKE.transpose(0, 1));
    }

    /// Says that the first slot holds `length` tokens.
    public void fill(int length) {
        lengths.set(0, length);
    }

    /// How many bytes the keys and values of so many tokens take.
    public long bytes(int tokens) {
        long numbers = keys_LSKPE.size(0) * keys_LSKPE.size(2) * keys_LSKPE.size(4);
        return 2 * numbers * tokens * dtype.bytes();
    }

    /// The keys and values of `count` tokens in the first slot, in memory of their own. The caller
    /// frees them.
    public Block copy(int from, int count) {
        try (Scope scope = Scope.open()) {
            return new Block(
                    scope.keep(first(keys_LSKPE, from, count).clone()),
                    scope.keep(first(values_LSKPE, from, count).clone()));
        }
    }

    /// Puts back what was copied, from position `from` on in the first slot.
    public void put(int from, Block block) {
        try (Scope _ = Scope.open()) {
            int count = (int) block.keys_LKPE().size(2);
            first(keys_LSKPE, from, count).copy_(block.keys_LKPE());
            first(values_LSKPE, from, count).copy_(block.values_LKPE());
        }
    }

    /// The keys and values of some tokens of one text.
    public record Block(Tensor keys_LKPE, Tensor values_LKPE) implements AutoCloseable {
        @Override
        public void close() {
            Scope.free(keys_LKPE);
            Scope.free(values_LKPE);
        }
    }

    private static Tensor first(Tensor x_LSKPE, int from, int count) {
        return slot(x_LSKPE, 0).narrow(2, from, count);
    }

    /// `[S, K, P, E]`
    Tensor keys(int layer) {
        return keys_LSKPE.select(0, layer);
    }

    /// `[S, K, P, E]`
    Tensor values(int layer) {
        return values_LSKPE.select(0, layer);
    }

    private static Tensor slot(Tensor x_LSKPE, long slot) {
        return x_LSKPE.select(1, slot);
    }

    @Override
    public void close() {
        Scope.free(keys_LSKPE);
        Scope.free(values_LSKPE);
    }
}
