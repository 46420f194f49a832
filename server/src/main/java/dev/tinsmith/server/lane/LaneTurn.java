package dev.tinsmith.server.lane;

import dev.tinsmith.engine.Engine;
import dev.tinsmith.server.queue.Turn;

/// A lane's turn with the engine.
record LaneTurn(LocalLane lane) implements Turn {
    @Override
    public void take(Engine computing) {
        lane.turn(computing);
    }

    @Override
    public void prepare(Engine computing) {
        lane.beginPass(computing);
    }
}
