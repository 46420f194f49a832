package dev.tinsmith.server.snapshot;

import static java.lang.System.Logger.Level.ERROR;
import static java.lang.System.Logger.Level.WARNING;

import dev.tinsmith.engine.RunId;
import dev.tinsmith.server.database.Database;
import dev.tinsmith.server.disk.Durable;
import dev.tinsmith.server.future.Ledger;
import dev.tinsmith.server.journal.Journal;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/// Snapshots as folders of one directory.
///
/// A snapshot is one once its row is there, and its row is written behind the outcomes of all the
/// work that is in it, and after its bytes are on the disk. So whatever is below its number is told
/// already and never computed again, and the journal lets go of what is below the older of the two.
public final class FileSnapshots implements Snapshots {
    private static final System.Logger LOG = System.getLogger(FileSnapshots.class.getName());
    private static final int KEPT = 2;

    private final Path root;
    private final SnapshotTable table;
    private final Ledger ledger;
    private final Journal journal;
    private final InstantSource clock;

    /// Guarded by this.
    private int underway;

    private FileSnapshots(
            Path root, SnapshotTable table, Ledger ledger, Journal journal, InstantSource clock) {
        this.root = root;
        this.table = table;
        this.ledger = ledger;
        this.journal = journal;
        this.clock = clock;
    }

    /// Opens the snapshots in `root`, which is made if need be, and deletes what never became one.
    public static FileSnapshots open(
            Path root, Database database, Ledger ledger, Journal journal, InstantSource clock) {
        SnapshotTable table = new SnapshotTable(database, root);
        try {
            Files.createDirectories(root);
            table.prune();
            List<String> known = table.folders();
            for (Path folder : Durable.directories(root)) {
                if (!known.contains(String.valueOf(folder.getFileName()))) {
                    Durable.delete(folder);
                }
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return new FileSnapshots(root, table, ledger, journal, clock);
    }

    @Override
    public boolean isKeeping() {
        return true;
    }

    @Override
    public Optional<Snapshot> newest(RunId run) {
        return table.of(run).stream().findFirst();
    }

    @Override
    public boolean isWhole(Snapshot snapshot) {
        boolean whole = false;
        try {
            whole = checksum(snapshot.folder()) == snapshot.checksum();
        } catch (IOException failure) {
            LOG.log(ERROR, "reading the snapshot in " + snapshot.folder(), failure);
        }
        if (!whole) {
            LOG.log(
                    ERROR,
                    "the snapshot {0} of {1} is damaged",
                    snapshot.folder().getFileName(),
                    snapshot.run());
            table.remove(snapshot);
        }
        return whole;
    }

    @Override
    public Path draft() {
        try {
            return Files.createDirectory(root.resolve(UUID.randomUUID().toString()));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public void discard(Path draft) {
        try {
            Durable.delete(draft);
        } catch (IOException failure) {
            LOG.log(WARNING, "left behind until the next start: " + draft, failure);
        }
    }

    @Override
    public void keep(RunId run, long next, Path draft, Consumer<Boolean> then) {
        begun();
        Thread _ =
                Thread.startVirtualThread(() -> {
                    try {
                        Durable.syncAll(draft);
                        Durable.sync(root);
                        Snapshot snapshot =
                                new Snapshot(run, next, draft, size(draft), checksum(draft));
                        ledger.then(() -> {
                            add(snapshot);
                            done();
                            then.accept(true);
                        });
                    } catch (IOException failure) {
                        LOG.log(ERROR, "keeping %s at %d".formatted(run, next), failure);
                        discard(draft);
                        done();
                        then.accept(false);
                    }
                });
    }

    /// On the ledger's thread.
    private void add(Snapshot snapshot) {
        table.add(snapshot, clock.instant());
        List<Snapshot> all = table.of(snapshot.run());
        if (all.size() >= KEPT) {
            for (Snapshot old : all.subList(KEPT, all.size())) {
                table.remove(old);
                discard(old.folder());
            }
            journal.passed(snapshot.run().value(), all.get(KEPT - 1).next());
        }
    }

    private synchronized void begun() {
        underway++;
    }

    private synchronized void done() {
        underway--;
        notifyAll();
    }

    /// Waits until none is being kept.
    public synchronized void await() {
        try {
            while (underway > 0) {
                wait();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void drop(RunId run) {
        ledger.then(() -> {
            for (Snapshot old : table.of(run)) {
                table.remove(old);
                discard(old.folder());
            }
            journal.closed(run.value());
        });
    }

    private static long size(Path folder) throws IOException {
        long size = 0;
        for (Path file : Durable.files(folder)) {
            size += Files.size(file);
        }
        return size;
    }

    private static long checksum(Path folder) throws IOException {
        CRC32C crc = new CRC32C();
        byte[] piece = new byte[1 << 20];
        for (Path file : Durable.files(folder)) {
            try (InputStream bytes = Files.newInputStream(file)) {
                for (int read = bytes.read(piece); read >= 0; read = bytes.read(piece)) {
                    crc.update(piece, 0, read);
                }
            }
        }
        return crc.getValue();
    }
}
