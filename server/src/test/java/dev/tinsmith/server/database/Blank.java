package dev.tinsmith.server.database;

import java.util.List;

/// A database in memory for tests, one for all of them, since making one takes a while.
public final class Blank {
    private static final Database DATABASE = Database.at("jdbc:sqlite::memory:", 1);

    private Blank() {}

    /// With nothing in it.
    public static synchronized Database database() {
        DATABASE.jdbi()
                .useHandle(handle ->
                        List.of("sessions", "losses", "runs", "snapshots", "samplers", "outcomes")
                                .forEach(table -> handle.execute("DELETE FROM " + table)));
        return DATABASE;
    }
}
