package dev.tinsmith.server.sampling;

import dev.tinsmith.engine.RunId;
import dev.tinsmith.server.checkpoint.CheckpointPath;
import dev.tinsmith.server.database.Database;
import dev.tinsmith.server.future.Owner;
import dev.tinsmith.server.run.SessionId;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.Update;

/// The samplers that can be drawn from.
public final class SamplerTable {
    private final Jdbi jdbi;

    public SamplerTable(Database database) {
        this.jdbi = database.jdbi();
    }

    /// One sampler.
    ///
    /// @param folder the name of what is held for it; empty: it draws from the base alone
    /// @param shared the run whose newest weights it draws from
    /// @param copies how many copies of its client have joined
    record Row(
            SamplerId id,
            Owner owner,
            SessionId session,
            String base,
            Optional<CheckpointPath> path,
            Optional<String> folder,
            Optional<RunId> shared,
            long copies) {}

    List<Row> all() {
        return jdbi.withHandle(handle ->
                handle.createQuery("SELECT * FROM samplers")
                        .map((row, _) ->
                                new Row(
                                        new SamplerId(row.getString("id")),
                                        new Owner(row.getString("owner")),
                                        new SessionId(row.getString("session")),
                                        row.getString("base"),
                                        Optional.ofNullable(row.getString("path"))
                                                .map(CheckpointPath::parse),
                                        Optional.ofNullable(row.getString("folder")),
                                        Optional.ofNullable(row.getString("shared"))
                                                .map(RunId::new),
                                        row.getLong("copies")))
                        .list());
    }

    void add(Row row) {
        jdbi.useHandle(handle -> {
            try (Update update =
                    handle.createUpdate(
                            """
                            INSERT INTO samplers (id, owner, session, base, path, folder, shared, copies)
                            VALUES (:id, :owner, :session, :base, :path, :folder, :shared, :copies)
                            """)) {
                update.bind("id", row.id().value())
                        .bind("owner", row.owner().value())
                        .bind("session", row.session().value())
                        .bind("base", row.base())
                        .bind("path", row.path().map(CheckpointPath::toString))
                        .bind("folder", row.folder())
                        .bind("shared", row.shared().map(RunId::value))
                        .bind("copies", row.copies())
                        .execute();
            }
        });
    }

    /// Those that draw from the newest weights of `run` draw from `folder` from now on.
    void publish(RunId run, String folder) {
        jdbi.useHandle(handle ->
                handle.createUpdate("UPDATE samplers SET folder = :folder WHERE shared = :run")
                        .bind("folder", folder)
                        .bind("run", run.value())
                        .execute());
    }

    /// So many copies have joined.
    void joined(SamplerId id, long copies) {
        jdbi.useHandle(handle ->
                handle.createUpdate(
                                "UPDATE samplers SET copies = :copies WHERE id = :id AND copies < :copies")
                        .bind("copies", copies)
                        .bind("id", id.value())
                        .execute());
    }

    /// The session is over.
    void remove(SessionId session) {
        jdbi.useHandle(handle ->
                handle.createUpdate("DELETE FROM samplers WHERE session = :session")
                        .bind("session", session.value())
                        .execute());
    }
}
