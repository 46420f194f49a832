package dev.tinsmith.torch.attention;

import java.util.ArrayList;
import java.util.List;

/// Several sequences, one after another in a flat row of tokens.
///
/// @param lengths how many tokens each has, at least 1
public record Sequences(List<Integer> lengths) {
    /// How many queries attend at once; it bounds what attention needs beside its inputs.
    static final int TILE = 128;

    public Sequences {
        lengths = List.copyOf(lengths);
        if (lengths.isEmpty() || lengths.stream().anyMatch(length -> length < 1)) {
            throw new IllegalArgumentException("a sequence has at least one token: " + lengths);
        }
    }

    /// How many tokens there are in all.
    public int tokens() {
        return lengths.stream().mapToInt(length -> length).sum();
    }

    /// The place of each token in its own sequence, from 0.
    public int[] positions() {
        int[] positions = new int[tokens()];
        int row = 0;
        for (int length : lengths) {
            for (int position = 0; position < length; position++) {
                positions[row++] = position;
            }
        }
        return positions;
    }

    /// The queries in tiles, each with as many of its sequence's keys as it may see.
    List<Tile> tiles() {
        List<Tile> tiles = new ArrayList<>();
        int start = 0;
        for (int length : lengths) {
            for (int from = 0; from < length; from += TILE) {
                tiles.add(new Tile(start, from, Math.min(TILE, length - from)));
            }
            start += length;
        }
        return tiles;
    }

    /// A run of queries of one sequence.
    ///
    /// @param start the row where the sequence begins
    /// @param from the first query's place in the sequence
    /// @param queries how many there are
    record Tile(int start, int from, int queries) {
        /// The first query's row.
        int row() {
            return start + from;
        }

        /// How many keys the last query sees.
        int keys() {
            return from + queries;
        }
    }
}
