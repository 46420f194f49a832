package dev.tinsmith.server.snapshot;

import dev.tinsmith.engine.RunId;
import dev.tinsmith.server.database.Database;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jdbi.v3.core.Jdbi;

/// What is known of each snapshot.
final class SnapshotTable {
    private final Jdbi jdbi;
    private final Path root;

    /// @param root where the folders are
    SnapshotTable(Database database, Path root) {
        this.jdbi = database.jdbi();
        this.root = root;
    }

    void add(Snapshot snapshot, Instant now) {
        jdbi.useHandle(handle ->
                handle.createUpdate(
                                """
                                INSERT INTO snapshots (run, next, folder, bytes, checksum, taken)
                                VALUES (:run, :next, :folder, :bytes, :checksum, :taken)
                                """)
                        .bind("run", snapshot.run().value())
                        .bind("next", snapshot.next())
                        .bind("folder", String.valueOf(snapshot.folder().getFileName()))
                        .bind("bytes", snapshot.bytes())
                        .bind("checksum", snapshot.checksum())
                        .bind("taken", now.toEpochMilli())
                        .execute());
    }

    List<Snapshot> of(RunId run) {
        return jdbi.withHandle(handle ->
                handle.createQuery(
                                "SELECT * FROM snapshots WHERE run = :run ORDER BY next DESC, taken DESC")
                        .bind("run", run.value())
                        .map((row, _) ->
                                new Snapshot(
                                        run,
                                        row.getLong("next"),
                                        root.resolve(row.getString("folder")),
                                        row.getLong("bytes"),
                                        row.getLong("checksum")))
                        .list());
    }

    void remove(Snapshot snapshot) {
        jdbi.useHandle(handle ->
                handle.createUpdate("DELETE FROM snapshots WHERE folder = :folder")
                        .bind("folder", String.valueOf(snapshot.folder().getFileName()))
                        .execute());
    }

    /// The folders of all runs that are not closed.
    List<String> folders() {
        return jdbi.withHandle(handle ->
                handle.createQuery(
                                "SELECT folder FROM snapshots JOIN runs ON runs.id = snapshots.run WHERE NOT closed")
                        .mapTo(String.class)
                        .list());
    }

    /// Forgets those of closed runs.
    void prune() {
        jdbi.useHandle(handle ->
                handle.execute(
                        "DELETE FROM snapshots WHERE run NOT IN (SELECT id FROM runs WHERE NOT closed)"));
    }
}
