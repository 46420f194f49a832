package dev.tinsmith.torch.pass;

import java.util.ArrayList;
import java.util.List;

/// Cuts a list of sequences into packs that fit a budget of tokens, so that memory depends on the
/// budget and not on how much one asks for.
public final class Packs {
    private Packs() {}

    /// Runs of `lengths`, each within `budget` tokens unless it is a single sequence.
    public static List<Pack> of(List<Integer> lengths, int budget) {
        List<Pack> packs = new ArrayList<>();
        int from = 0;
        int tokens = 0;
        for (int index = 0; index < lengths.size(); index++) {
            int length = lengths.get(index);
            if (index > from && tokens + length > budget) {
                packs.add(new Pack(from, index));
                from = index;
                tokens = 0;
            }
            tokens += length;
        }
        if (from < lengths.size()) {
            packs.add(new Pack(from, lengths.size()));
        }
        return packs;
    }

    /// The sequences from `from` up to, not including, `to`.
    public record Pack(int from, int to) {
        <T> List<T> of(List<T> sequences) {
            return sequences.subList(from, to);
        }
    }
}
