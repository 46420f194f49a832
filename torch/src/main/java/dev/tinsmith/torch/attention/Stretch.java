package dev.tinsmith.torch.attention;

import java.util.ArrayList;
import java.util.List;

/// Some tokens of a text, of which those before it have been through already: their keys and values
/// lie in the only slot of a slab, where those of this stretch go too.
///
/// @param from the first one's place in the text
/// @param count how many there are
public record Stretch(KvSlab slab, int from, int count) {

    /// The queries in tiles, which end where they would end if nothing had been through before.
    ///
    /// @param row the first one's row among all that are computed
    List<Sequences.Tile> tiles(int row) {
        List<Sequences.Tile> tiles = new ArrayList<>();
        int end = from + count;
        int start = from;
        while (start < end) {
            int next = Math.min(end, (start / Sequences.TILE + 1) * Sequences.TILE);
            tiles.add(new Sequences.Tile(row - from, 0, start, next - start));
            start = next;
        }
        return tiles;
    }
}
