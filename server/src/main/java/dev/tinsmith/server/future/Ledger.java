package dev.tinsmith.server.future;

/// Ends promises. Any thread may ask.
public interface Ledger extends AutoCloseable {
    /// Ends one, soon; only the first end counts.
    void settle(Ending ending);

    /// Does `writing` once all that was settled before is on the disk.
    void then(Runnable writing);

    @Override
    void close();

    /// One that ends them at once, and keeps nothing.
    static Ledger quick(Futures futures) {
        return new Ledger() {
            @Override
            public void settle(Ending ending) {
                futures.settle(ending.id(), FutureState.Settled.of(ending.outcome()));
                ending.after().run();
            }

            @Override
            public void then(Runnable writing) {
                writing.run();
            }

            @Override
            public void close() {
                // nothing is open
            }
        };
    }
}
