package dev.tinsmith.server.snapshot;

import dev.tinsmith.engine.RunId;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Consumer;

/// Where snapshots rest: of each run the last two, so that one may be damaged. Any thread may ask.
public interface Snapshots {
    /// Whether there is any use in taking one.
    boolean isKeeping();

    /// The newest of a run.
    Optional<Snapshot> newest(RunId run);

    /// Whether it still is what was written; reads all of it. One that is not is no longer among
    /// the run's.
    boolean isWhole(Snapshot snapshot);

    /// A fresh, empty directory for the engine to write into; given to [#keep] or [#discard].
    Path draft();

    /// Deletes a draft.
    void discard(Path draft);

    /// Makes `draft` the newest snapshot of `run`, on a thread of its own.
    ///
    /// @param then told whether it is one, once that is on the disk
    void keep(RunId run, long next, Path draft, Consumer<Boolean> then);

    /// The run is no more.
    void drop(RunId run);

    /// One that takes none.
    static Snapshots none() {
        return new Snapshots() {
            @Override
            public boolean isKeeping() {
                return false;
            }

            @Override
            public Optional<Snapshot> newest(RunId run) {
                return Optional.empty();
            }

            @Override
            public boolean isWhole(Snapshot snapshot) {
                return false;
            }

            @Override
            public Path draft() {
                throw new UnsupportedOperationException("no snapshots are taken here");
            }

            @Override
            public void discard(Path draft) {
                // there is none
            }

            @Override
            public void keep(RunId run, long next, Path draft, Consumer<Boolean> then) {
                then.accept(false);
            }

            @Override
            public void drop(RunId run) {
                // there is none
            }
        };
    }
}
