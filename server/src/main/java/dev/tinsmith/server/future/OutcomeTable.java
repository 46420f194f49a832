package dev.tinsmith.server.future;

import dev.tinsmith.engine.Fault;
import dev.tinsmith.server.database.Database;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.PreparedBatch;

/// The archive as a table of the database.
public final class OutcomeTable implements Archive {
    /// Begins the form of a failure. A replay leaves out what failed, so failures are kept for as
    /// long as one may come to them.
    private static final String FAILED = "FAILED_";

    private final Jdbi jdbi;

    public OutcomeTable(Database database) {
        this.jdbi = database.jdbi();
    }

    @Override
    public void keep(List<Kept> ends) {
        jdbi.useTransaction(handle -> {
            PreparedBatch batch =
                    handle.prepareBatch(
                            """
                            INSERT INTO outcomes (id, line, sequence, owner, fingerprint, settled, form, answer)
                            VALUES (:id, :line, :sequence, :owner, :fingerprint, :settled, :form, :answer)
                            ON CONFLICT DO NOTHING
                            """);
            for (Kept kept : ends) {
                FutureState.Settled end = kept.end().orElseThrow();
                batch.bind("id", kept.id().value())
                        .bind("line", kept.line())
                        .bind("sequence", kept.sequence())
                        .bind("owner", kept.owner().value())
                        .bind("fingerprint", kept.fingerprint())
                        .bind("settled", kept.settled().toEpochMilli())
                        .bind("form", form(end))
                        .bind("answer", bytes(end))
                        .add();
            }
            batch.execute();
        });
    }

    @Override
    public Optional<Kept> find(FutureId id) {
        return jdbi.withHandle(handle ->
                handle.createQuery("SELECT * FROM outcomes WHERE id = :id")
                        .bind("id", id.value())
                        .map((row, _) -> kept(row))
                        .findOne());
    }

    @Override
    public List<Kept> ofLine(String line, long from) {
        return jdbi.withHandle(handle ->
                handle.createQuery(
                                "SELECT * FROM outcomes WHERE line = :line AND sequence >= :from ORDER BY sequence")
                        .bind("line", line)
                        .bind("from", from)
                        .map((row, _) -> kept(row))
                        .list());
    }

    @Override
    public SortedMap<Long, String> prints(String line, long from, long until) {
        SortedMap<Long, String> prints = new TreeMap<>();
        jdbi.useHandle(handle ->
                handle.createQuery(
                                "SELECT sequence, fingerprint FROM outcomes WHERE line = :line AND sequence >= :from AND sequence < :until")
                        .bind("line", line)
                        .bind("from", from)
                        .bind("until", until)
                        .map((row, _) ->
                                Map.entry(row.getLong("sequence"), row.getString("fingerprint")))
                        .forEach(print -> prints.put(print.getKey(), print.getValue())));
        return prints;
    }

    @Override
    public void forget(Collection<FutureId> told) {
        if (told.isEmpty()) {
            return;
        }
        jdbi.useTransaction(handle -> {
            PreparedBatch batch =
                    handle.prepareBatch(
                            "UPDATE outcomes SET answer = NULL WHERE id = :id AND form NOT LIKE :failures");
            told.forEach(id -> batch.bind("id", id.value()).bind("failures", FAILED + "%").add());
            batch.execute();
        });
    }

    /// Drops what was told before `end`, of earlier lives of the server too; and all trace of what
    /// no replay can come to any more.
    ///
    /// @param gone what ended before this is forgotten altogether, unless a snapshot still needs it
    public void sweep(Instant end, Instant gone) {
        jdbi.useTransaction(handle -> {
            handle.createUpdate(
                            "UPDATE outcomes SET answer = NULL WHERE settled < :end AND form NOT LIKE :failures AND answer IS NOT NULL")
                    .bind("end", end.toEpochMilli())
                    .bind("failures", FAILED + "%")
                    .execute();
            handle.createUpdate(
                            """
                            DELETE FROM outcomes WHERE settled < :gone AND NOT EXISTS (
                                SELECT 1 FROM snapshots
                                WHERE snapshots.run = outcomes.line AND snapshots.next <= outcomes.sequence)
                            AND NOT EXISTS (
                                SELECT 1 FROM runs
                                WHERE runs.id = outcomes.line AND NOT runs.closed AND NOT EXISTS (
                                    SELECT 1 FROM snapshots WHERE snapshots.run = runs.id))
                            """)
                    .bind("gone", gone.toEpochMilli())
                    .execute();
        });
    }

    private static String form(FutureState.Settled end) {
        return switch (end) {
            case FutureState.Told told -> told.answer().form().name();
            case FutureState.Failed failed -> FAILED + failed.fault();
            case FutureState.Ready _ ->
                    throw new IllegalArgumentException("what is kept is written first");
        };
    }

    private static byte[] bytes(FutureState.Settled end) {
        return switch (end) {
            case FutureState.Told told -> told.answer().bytes();
            case FutureState.Failed failed -> failed.reason().getBytes(StandardCharsets.UTF_8);
            case FutureState.Ready _ ->
                    throw new IllegalArgumentException("what is kept is written first");
        };
    }

    private static Kept kept(ResultSet row) throws SQLException {
        String form = row.getString("form");
        return new Kept(
                new FutureId(row.getString("id")),
                new Owner(row.getString("owner")),
                row.getString("line"),
                row.getLong("sequence"),
                row.getString("fingerprint"),
                Instant.ofEpochMilli(row.getLong("settled")),
                Optional.ofNullable(row.getBytes("answer")).map(bytes -> end(form, bytes)));
    }

    private static FutureState.Settled end(String form, byte[] bytes) {
        return form.startsWith(FAILED)
                ? new FutureState.Failed(
                        Fault.valueOf(form.substring(FAILED.length())),
                        new String(bytes, StandardCharsets.UTF_8))
                : new FutureState.Told(new Answer(Answer.Form.valueOf(form), bytes));
    }
}
