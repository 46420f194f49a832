package dev.tinsmith.torch.attention;

import dev.tinsmith.torch.model.AttentionSpec;
import java.util.Optional;

/// How positions turn in every layer: alike, or in layers with windows in a way of their own.
public final class Ropes implements AutoCloseable {
    private final AttentionSpec attention;
    private final Rope far;
    private final Optional<Rope> near;

    public Ropes(AttentionSpec attention) {
        int size = attention.heads().size();
        this.attention = attention;
        this.far = new Rope(attention.rope(), size);
        this.near = attention.nearRope().map(rope -> new Rope(rope, size));
    }

    /// The angles of rows at these positions.
    public Turns at(int... positions) {
        return new Turns(attention, far.at(positions), near.map(rope -> rope.at(positions)));
    }

    @Override
    public void close() {
        far.close();
        near.ifPresent(Rope::close);
    }

    /// The angles of some rows.
    public record Turns(AttentionSpec attention, Rope.Angles far, Optional<Rope.Angles> near) {
        /// In this layer.
        Rope.Angles of(int layer) {
            return attention.window(layer) == AttentionSpec.ALL ? far : near.orElse(far);
        }
    }
}
