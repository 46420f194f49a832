package dev.tinsmith.torch.attention;

import dev.tinsmith.torch.ops.Dtype;
import dev.tinsmith.torch.ops.Ops;
import org.bytedeco.pytorch.Tensor;

/// Hides from a tile's queries the keys after each, and those before its window.
///
/// K key-value heads, Q the queries of a tile, G query heads to each key-value head, S the keys
/// that the tile looks at.
final class CausalMask {
    private final Tensor after_Q1Q;
    private final Tensor before_Q1Q;

    CausalMask(Dtype dtype) {
        this.after_Q1Q = mask(1, dtype);
        this.before_Q1Q = mask(-1, dtype);
    }

    /// Minus infinity where the key's place less the query's has this sign.
    private static Tensor mask(int sign, Dtype dtype) {
        int size = Sequences.TILE;
        float[] mask = new float[size * size];
        for (int cell = 0; cell < mask.length; cell++) {
            boolean hides = Integer.signum(cell % size - cell / size) == sign;
            mask[cell] = hides ? Float.NEGATIVE_INFINITY : 0;
        }
        return Ops.to(Ops.floats(mask, size, 1, size), dtype);
    }

    /// Hides them in the scores of a tile.
    ///
    /// @param window how many keys a query sees, its own among them
    void hide(Tensor s_KQGS, Sequences.Tile tile, int window) {
        Ops.add(
                s_KQGS.narrow(3, tile.from(), tile.ownKeys()),
                after_Q1Q.narrow(0, 0, tile.queries()).narrow(2, 0, tile.ownKeys()));
        hideFar(s_KQGS, tile, window);
    }

    /// The keys before each query's window: those that none of the tile's queries sees, and those
    /// that only its first ones see.
    private void hideFar(Tensor s_KQGS, Sequences.Tile tile, int window) {
        int hidden = Math.max(0, tile.from() - window + 1);
        if (hidden > 0) {
            Ops.add(s_KQGS.narrow(3, 0, hidden), Double.NEGATIVE_INFINITY);
        }
        int first = Math.max(0, window - 1 - tile.from());
        int some = tile.queries() - 1 - first;
        if (some > 0) {
            Ops.add(
                    s_KQGS.narrow(3, hidden, some),
                    before_Q1Q.narrow(0, 0, tile.queries()).narrow(2, first, some));
        }
    }
}
