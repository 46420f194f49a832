package dev.tinsmith.server.lane;

import static java.lang.System.Logger.Level.ERROR;

import dev.tinsmith.engine.Base;
import dev.tinsmith.engine.EngineException;
import dev.tinsmith.engine.Fault;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.RunId;
import dev.tinsmith.engine.Work;
import dev.tinsmith.server.queue.Job;
import dev.tinsmith.server.snapshot.Snapshot;
import dev.tinsmith.server.snapshot.Snapshots;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/// Where a run is: in the engine's memory, or on the disk only; and whether the disk has all of it.
/// The engine's thread only, but for what says otherwise.
final class Residence {
    private static final System.Logger LOG = System.getLogger(Residence.class.getName());

    /// So much computing may have to be done again after a crash.
    static final Duration MOST_REPLAYED = Duration.ofSeconds(30);

    private final RunId run;
    private final Base base;
    private final Snapshots snapshots;

    private volatile boolean away;
    private boolean changed;
    private Duration computed = Duration.ZERO;
    private volatile boolean due;

    Residence(RunId run, Base base, Snapshots snapshots) {
        this.run = run;
        this.base = base;
        this.snapshots = snapshots;
    }

    /// It is on the disk only, from now on.
    void left() {
        away = true;
    }

    /// Whether it must come back before anything can be done with it. Any thread may ask.
    boolean isAway() {
        return away;
    }

    /// Whether a snapshot is to be taken next. Any thread may ask.
    boolean isDue() {
        return due;
    }

    /// Something was computed.
    ///
    /// @param took how long it would take again
    void did(boolean changes, Duration took) {
        changed |= changes;
        computed = computed.plus(took);
        due |= changed && snapshots.isKeeping() && computed.compareTo(MOST_REPLAYED) >= 0;
    }

    /// Has a snapshot taken next, if there is anything new to be in it.
    ///
    /// @return whether there is
    boolean want() {
        due |= changed && !away && snapshots.isKeeping();
        return due;
    }

    /// Has a snapshot taken next, whatever is new in it.
    void insist() {
        due = snapshots.isKeeping();
    }

    /// Whether forgetting it would lose nothing.
    boolean mayLeave() {
        return !changed && !away && !due && snapshots.isKeeping();
    }

    /// The job that brings it back. A damaged snapshot is struck out, so that the next start goes
    /// on from the one before.
    Job coming() {
        return new Job() {
            @Override
            public Work begin() {
                Snapshot newest =
                        snapshots
                                .newest(run)
                                .orElseThrow(() -> refused("there is no snapshot of it"));
                if (!snapshots.isWhole(newest)) {
                    throw refused(
                            "its newest snapshot is damaged, and a restart of the server rebuilds it from the one before");
                }
                return new Work.Resume(run, base, newest.folder());
            }

            @Override
            public Outcome end(Outcome outcome) {
                away = outcome instanceof Outcome.Failed;
                return outcome;
            }
        };
    }

    private static EngineException refused(String reason) {
        return new EngineException(Fault.SERVER, reason);
    }

    /// The job that takes a snapshot.
    ///
    /// @param next asked when its turn has come: the number that the run goes on with
    /// @param then told whether there is one, once it is on the disk; on any thread
    Job keeping(LongSupplier next, Consumer<Boolean> then) {
        return new Job() {
            private Optional<Path> draft = Optional.empty();
            private long at;

            @Override
            public Work begin() {
                due = false;
                changed = false;
                computed = Duration.ZERO;
                at = next.getAsLong();
                Path folder = snapshots.draft();
                draft = Optional.of(folder);
                return new Work.Keep(run, folder);
            }

            @Override
            public Outcome end(Outcome outcome) {
                Path folder = draft.orElseThrow();
                if (outcome instanceof Outcome.Failed failed) {
                    LOG.log(ERROR, "keeping {0} at {1}: {2}", run, at, failed.reason());
                    snapshots.discard(folder);
                    then.accept(false);
                } else {
                    snapshots.keep(run, at, folder, then);
                }
                return outcome;
            }
        };
    }

    /// The snapshot that was to be taken is none; the next one comes after as much computing.
    void failed() {
        changed = true;
    }
}
