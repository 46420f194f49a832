package dev.tinsmith.server.run;

import dev.tinsmith.engine.LoraSpec;
import dev.tinsmith.engine.RunId;
import dev.tinsmith.server.database.Database;
import dev.tinsmith.server.database.Texts;
import dev.tinsmith.server.future.Owner;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.PreparedBatch;

/// Every run that was made here.
public final class RunTable {
    private final Jdbi jdbi;

    public RunTable(Database database) {
        this.jdbi = database.jdbi();
    }

    /// One run, as it was asked for.
    record Row(RunFacts facts, SessionId session, long number, String fingerprint) {}

    /// Those that are under way, or closed; the oldest first.
    List<Row> all(boolean closed) {
        return jdbi.withHandle(handle ->
                handle.createQuery("SELECT * FROM runs WHERE closed = :closed ORDER BY created")
                        .bind("closed", closed)
                        .map((row, _) -> row(row))
                        .list());
    }

    private static Row row(ResultSet row) throws SQLException {
        RunFacts facts =
                new RunFacts(
                        new RunId(row.getString("id")),
                        new Owner(row.getString("owner")),
                        row.getString("base"),
                        new LoraSpec(
                                row.getInt("rank"),
                                row.getLong("seed"),
                                row.getBoolean("train_attn"),
                                row.getBoolean("train_mlp"),
                                row.getBoolean("train_unembed")),
                        Instant.ofEpochMilli(row.getLong("created")),
                        Instant.ofEpochMilli(row.getLong("last_request")),
                        Texts.map(row.getString("metadata")));
        return new Row(
                facts,
                new SessionId(row.getString("session")),
                row.getLong("number"),
                row.getString("fingerprint"));
    }

    void add(Row row) {
        RunFacts facts = row.facts();
        jdbi.useHandle(handle ->
                handle.createUpdate(
                                """
                                INSERT INTO runs (id, owner, session, number, fingerprint, base, rank, seed,
                                    train_attn, train_mlp, train_unembed, metadata, created, last_request, closed)
                                VALUES (:id, :owner, :session, :number, :fingerprint, :base, :rank, :seed,
                                    :attn, :mlp, :unembed, :metadata, :created, :last, :closed)
                                """)
                        .bind("id", facts.id().value())
                        .bind("owner", facts.owner().value())
                        .bind("session", row.session().value())
                        .bind("number", row.number())
                        .bind("fingerprint", row.fingerprint())
                        .bind("base", facts.baseModel())
                        .bind("rank", facts.lora().rank())
                        .bind("seed", facts.lora().seed())
                        .bind("attn", facts.lora().attn())
                        .bind("mlp", facts.lora().mlp())
                        .bind("unembed", facts.lora().unembed())
                        .bind("metadata", Texts.of(facts.metadata()))
                        .bind("created", facts.created().toEpochMilli())
                        .bind("last", facts.lastRequest().toEpochMilli())
                        .bind("closed", false)
                        .execute());
    }

    /// When the owners of these last asked for them.
    void touched(Map<RunId, Instant> runs) {
        if (runs.isEmpty()) {
            return;
        }
        jdbi.useTransaction(handle -> {
            PreparedBatch batch =
                    handle.prepareBatch("UPDATE runs SET last_request = :last WHERE id = :id");
            runs.forEach((id, last) ->
                    batch.bind("id", id.value()).bind("last", last.toEpochMilli()).add());
            batch.execute();
        });
    }

    void close(RunId id) {
        jdbi.useHandle(handle ->
                handle.createUpdate("UPDATE runs SET closed = :closed WHERE id = :id")
                        .bind("closed", true)
                        .bind("id", id.value())
                        .execute());
    }
}
