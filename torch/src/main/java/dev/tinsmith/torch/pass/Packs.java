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

        /// The first ones of these sequences, with as near to half of the tokens as can be; at
        /// least one.
        ///
        /// @param lengths of all sequences
        Pack half(List<Integer> lengths) {
            int all = of(lengths).stream().mapToInt(length -> length).sum();
            int cut = from + 1;
            int tokens = lengths.get(from);
            while (cut < to
                    && Math.abs(all - 2 * (tokens + lengths.get(cut)))
                            <= Math.abs(all - 2 * tokens)) {
                tokens += lengths.get(cut++);
            }
            return new Pack(from, cut);
        }
    }
}
