package dev.tinsmith.server.session;

import dev.tinsmith.server.database.Database;
import dev.tinsmith.server.database.Texts;
import dev.tinsmith.server.future.Owner;
import dev.tinsmith.server.run.SessionId;
import dev.tinsmith.server.session.SessionFacts.Ending;
import dev.tinsmith.server.session.SessionFacts.Finish;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;

/// The visits that are remembered, and the losses that were uploaded in them.
public final class SessionTable {
    private final Jdbi jdbi;

    public SessionTable(Database database) {
        this.jdbi = database.jdbi();
    }

    /// A loss as it was uploaded.
    public record Loss(SessionId session, Owner owner, Request request) {}

    /// The bytes of a request.
    public static final class Request {
        private final byte[] body;

        /// Takes the array as it is; nobody changes it afterwards.
        public Request(byte[] body) {
            this.body = body;
        }

        /// Not to be changed.
        public byte[] body() {
            return body;
        }
    }

    /// One visit.
    record Row(SessionFacts facts, Optional<String> key) {}

    List<Row> all() {
        return jdbi.withHandle(handle ->
                handle.createQuery("SELECT * FROM sessions ORDER BY created_micros")
                        .map((row, _) -> row(row))
                        .list());
    }

    private static Row row(ResultSet row) throws SQLException {
        Optional<String> why = Optional.ofNullable(row.getString("ended_why"));
        Instant ended = instant(row.getLong("ended_micros"));
        Optional<String> detail = Optional.ofNullable(row.getString("finish_detail"));
        Optional<Finish> finish =
                Optional.ofNullable(row.getString("finish_reason"))
                        .map(reason -> new Finish(reason, detail));
        SessionFacts facts =
                new SessionFacts(
                        new SessionId(row.getString("id")),
                        new Owner(row.getString("owner")),
                        instant(row.getLong("created_micros")),
                        new NewSession(
                                Texts.list(row.getString("tags")),
                                Texts.map(row.getString("metadata")),
                                Optional.ofNullable(row.getString("display_name"))),
                        why.map(reason -> new Ending(ended, reason, finish)));
        return new Row(facts, Optional.ofNullable(row.getString("creation_key")));
    }

    void add(SessionFacts facts, Optional<String> key) {
        jdbi.useHandle(handle ->
                handle.createUpdate(
                                """
                                INSERT INTO sessions (id, owner, creation_key, tags, metadata, display_name, created_micros)
                                VALUES (:id, :owner, :key, :tags, :metadata, :name, :created)
                                """)
                        .bind("id", facts.id().value())
                        .bind("owner", facts.owner().value())
                        .bind("key", key)
                        .bind("tags", Texts.of(facts.told().tags()))
                        .bind("metadata", Texts.of(facts.told().metadata()))
                        .bind("name", facts.told().displayName())
                        .bind("created", micros(facts.created()))
                        .execute());
    }

    void end(SessionId id, Ending ending) {
        jdbi.useHandle(handle ->
                handle.createUpdate(
                                """
                                UPDATE sessions SET ended_micros = :ended, ended_why = :why,
                                    finish_reason = :reason, finish_detail = :detail
                                WHERE id = :id
                                """)
                        .bind("id", id.value())
                        .bind("ended", micros(ending.at()))
                        .bind("why", ending.why())
                        .bind("reason", ending.finish().map(Finish::reason))
                        .bind("detail", ending.finish().flatMap(Finish::detail))
                        .execute());
    }

    void forget(SessionId id) {
        jdbi.useHandle(handle ->
                handle.createUpdate("DELETE FROM sessions WHERE id = :id")
                        .bind("id", id.value())
                        .execute());
    }

    /// All losses, in the order of their numbers.
    public List<Loss> losses() {
        return jdbi.withHandle(handle ->
                handle.createQuery("SELECT * FROM losses ORDER BY session, number")
                        .map((row, _) ->
                                new Loss(
                                        new SessionId(row.getString("session")),
                                        new Owner(row.getString("owner")),
                                        new Request(row.getBytes("request"))))
                        .list());
    }

    /// Keeps the session's loss number `number`, if it is not kept already.
    public void keep(Loss loss, long number) {
        jdbi.useHandle(handle ->
                handle.createUpdate(
                                """
                                INSERT INTO losses (session, number, owner, request)
                                VALUES (:session, :number, :owner, :request)
                                ON CONFLICT DO NOTHING
                                """)
                        .bind("session", loss.session().value())
                        .bind("number", number)
                        .bind("owner", loss.owner().value())
                        .bind("request", loss.request().body())
                        .execute());
    }

    void forgetLosses(SessionId session) {
        jdbi.useHandle(handle ->
                handle.createUpdate("DELETE FROM losses WHERE session = :session")
                        .bind("session", session.value())
                        .execute());
    }

    private static long micros(Instant instant) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, instant);
    }

    private static Instant instant(long micros) {
        return Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }
}
