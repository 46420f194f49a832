package dev.tinsmith.server.queue;

import dev.tinsmith.engine.Base;
import dev.tinsmith.engine.Engine;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.Sample;
import dev.tinsmith.engine.Work;
import java.util.List;

/// An engine that has done everything at once, so that only what is around it takes time.
final class IdleEngine implements Engine {
    private final Outcome outcome;

    /// @param outcome of everything
    IdleEngine(Outcome outcome) {
        this.outcome = outcome;
    }

    @Override
    public Outcome load(Base base) {
        return outcome;
    }

    @Override
    public Computation begin(Work work) {
        return Computation.of(() -> outcome);
    }

    @Override
    public void admit(long ticket, Sample sample) {
        throw new UnsupportedOperationException("samples");
    }

    @Override
    public List<Decoded> decode() {
        return List.of();
    }

    @Override
    public List<Long> waiting() {
        return List.of();
    }

    @Override
    public void abandon(long ticket) {
        // nothing was admitted
    }

    @Override
    public void close() {
        // nothing is held
    }
}
