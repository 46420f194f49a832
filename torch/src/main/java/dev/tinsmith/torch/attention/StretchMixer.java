package dev.tinsmith.torch.attention;

import dev.tinsmith.torch.model.AttentionSpec;
import dev.tinsmith.torch.model.DecoderSpec.Heads;
import dev.tinsmith.torch.ops.Dtype;
import dev.tinsmith.torch.ops.Ops;
import dev.tinsmith.torch.ops.Scope;
import dev.tinsmith.torch.ops.SoftCap;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/// Attention of stretches of texts, each over what came before it in its own slab, where it leaves
/// its keys and values for what comes next.
///
/// T rows, K key-value heads, G query heads to each of them, E the width of a head, Q the queries
/// of a tile, S the keys it looks at, P the positions of a slab, O the widths of queries, keys and
/// values together.
public final class StretchMixer implements Mixer {
    private final AttentionSpec attention;
    private final Heads heads;
    private final HeadSplit split;
    private final Optional<SoftCap> cap;
    private final List<Stretch> stretches;
    private final Ropes.Turns turns;
    private final CausalMask mask;

    public StretchMixer(
            AttentionSpec attention, List<Stretch> stretches, Ropes.Turns turns, Dtype dtype) {
        this.attention = attention;
        this.heads = attention.heads();
        this.split = HeadSplit.of(attention);
        this.cap = attention.cap().stream().mapToObj(SoftCap::new).findFirst();
        this.stretches = List.copyOf(stretches);
        this.turns = turns;
        this.mask = new CausalMask(dtype);
    }

    @Override
    public Mixed mix(int layer, Tensor qkv_TO) {
        Rope.Angles angles = turns.of(layer);
        long rows = qkv_TO.size(0);
        Tensor q_KTGE = qkv_TO.new_empty(heads.keyValue(), rows, heads.group(), heads.size());
        angles.turn(split.queries(qkv_TO), split.scale(), q_KTGE.permute(1, 0, 2, 3));
        Tensor k_TKE = qkv_TO.new_empty(rows, heads.keyValue(), heads.size());
        angles.turn(split.keys(qkv_TO), 1, k_TKE.unsqueeze(2));
        Tensor v_TKE = split.values(qkv_TO).squeeze(2);
        Tensor y_TO = qkv_TO.new_empty(rows, heads.queryWidth());
        Tensor y_KTGE =
                y_TO.view(rows, heads.keyValue(), heads.group(), heads.size()).permute(1, 0, 2, 3);
        int row = 0;
        for (Stretch stretch : stretches) {
            try (Scope _ = Scope.open()) {
                stretch.slab()
                        .write(
                                layer,
                                stretch.from(),
                                k_TKE.narrow(0, row, stretch.count()),
                                v_TKE.narrow(0, row, stretch.count()));
                for (Sequences.Tile tile : stretch.tiles(row)) {
                    attend(layer, stretch.slab(), tile, q_KTGE, y_KTGE);
                }
            }
            row += stretch.count();
        }
        return new Mixed(y_TO, List.of());
    }

    private void attend(int layer, KvSlab slab, Sequences.Tile tile, Tensor q_KTGE, Tensor y_KTGE) {
        try (Scope _ = Scope.open()) { // a long stretch has many tiles
            long width = (long) tile.queries() * heads.group();
            Tensor q_KqE =
                    q_KTGE.narrow(1, tile.row(), tile.queries())
                            .view(heads.keyValue(), width, heads.size());
            Tensor s_KqS = Products.scores(q_KqE, seen(slab.keys(layer), tile));
            cap.ifPresent(each -> each.bend(s_KqS));
            mask.hide(
                    s_KqS.view(heads.keyValue(), tile.queries(), heads.group(), tile.keys()),
                    tile,
                    attention.window(layer));
            Tensor y_KqE = Products.weigh(Ops.softmax(s_KqS), seen(slab.values(layer), tile));
            y_KTGE.narrow(1, tile.row(), tile.queries())
                    .copy_(
                            y_KqE.view(
                                    heads.keyValue(), tile.queries(), heads.group(), heads.size()));
        }
    }

    /// What the tile looks at, `[K, S, E]`.
    private static Tensor seen(Tensor cache_SKPE, Sequences.Tile tile) {
        return cache_SKPE.select(0, 0).narrow(1, 0, tile.keys());
    }
}
