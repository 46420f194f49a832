package dev.tinsmith.torch.attention;

import java.util.ArrayList;
import java.util.List;

/// Several sequences, one after another in a flat row of tokens. Their keys lie further apart: each
/// sequence has room for a multiple of [Products#KEYS], so that nobody's attention ever touches
/// another's numbers, be it with a weight of 0.
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

    /// How many keys there is room for in all.
    int keyRows() {
        return lengths.stream().mapToInt(Products::padded).sum();
    }

    /// Where each token's key lies.
    long[] keyRowOfEach() {
        long[] rows = new long[tokens()];
        int token = 0;
        int start = 0;
        for (int length : lengths) {
            for (int position = 0; position < length; position++) {
                rows[token++] = start + (long) position;
            }
            start += Products.padded(length);
        }
        return rows;
    }

    /// The queries in tiles, each with as many of its sequence's keys as it may see.
    List<Tile> tiles() {
        List<Tile> tiles = new ArrayList<>();
        int start = 0;
        int keyStart = 0;
        for (int length : lengths) {
            for (int from = 0; from < length; from += TILE) {
                tiles.add(new Tile(start, keyStart, from, Math.min(TILE, length - from)));
            }
            start += length;
            keyStart += Products.padded(length);
        }
        return tiles;
    }

    /// A run of queries of one sequence.
    ///
    /// @param start the row where the sequence begins
    /// @param keyStart the row where its keys begin
    /// @param from the first query's place in the sequence
    /// @param queries how many there are
    record Tile(int start, int keyStart, int from, int queries) {
        /// The first query's row.
        int row() {
            return start + from;
        }

        /// How many keys are looked at: those the last query sees, and a few behind them.
        int keys() {
            return Products.padded(from + queries);
        }

        /// How many of them are not before the first query.
        int ownKeys() {
            return keys() - from;
        }
    }
}
