package dev.tinsmith.server;

import dev.tinsmith.server.database.Database;
import dev.tinsmith.server.future.Futures;
import dev.tinsmith.server.future.KeptLedger;
import dev.tinsmith.server.future.OutcomeTable;
import dev.tinsmith.server.future.Retention;
import dev.tinsmith.server.journal.FileJournal;
import dev.tinsmith.server.lane.Commons;
import dev.tinsmith.server.metering.Watch;
import dev.tinsmith.server.observe.Counters;
import dev.tinsmith.server.queue.EngineThread;
import dev.tinsmith.server.queue.Halt;
import dev.tinsmith.server.snapshot.FileSnapshots;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/// What this server knows after a restart: its records, its journal, the ends of promises, and the
/// snapshots of runs.
record Memory(
        Database database,
        FileJournal journal,
        OutcomeTable archive,
        Futures futures,
        KeptLedger ledger,
        FileSnapshots snapshots,
        Retention retention,
        InstantSource clock)
        implements AutoCloseable {
    /// How long it is remembered that something was told, after what was told is forgotten.
    private static final Duration TRACES = Duration.ofDays(2);

    static Memory open(Path data, Retention retention, InstantSource clock, Halt halt) {
        Database database = Database.open(data);
        FileJournal journal = FileJournal.open(data.resolve("journal"), halt::halt);
        OutcomeTable archive = new OutcomeTable(database);
        Futures futures = new Futures(clock, retention, archive);
        KeptLedger ledger = KeptLedger.start(futures, archive, clock, halt::halt);
        FileSnapshots snapshots =
                FileSnapshots.open(data.resolve("runs"), database, ledger, journal, clock);
        return new Memory(database, journal, archive, futures, ledger, snapshots, retention, clock);
    }

    Commons commons(EngineThread engine, Counters counters, Watch watch) {
        return new Commons(engine, futures, counters, watch, journal, ledger, snapshots);
    }

    /// Forgets what is too old; to be called now and then.
    void sweep() {
        futures.sweep();
        Instant now = clock.instant();
        archive.sweep(
                now.minus(retention.unfetched()), now.minus(retention.unfetched()).minus(TRACES));
    }

    @Override
    public void close() {
        snapshots.await();
        ledger.close();
        journal.close();
        database.close();
    }
}
