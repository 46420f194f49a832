package dev.tinsmith.server.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import java.util.Map;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jdbi.v3.core.Jdbi;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/// The one database of this server. Whatever a transaction wrote is on the disk when it returns.
///
/// SQLite has one writer: whoever writes waits for the one before, a few milliseconds; whoever
/// reads waits for nobody. Any thread may ask; a transaction within another one of the same thread
/// is part of it.
public final class Database implements AutoCloseable {
    /// In the data directory.
    private static final String FILE = "tinsmith.db";

    private static final int CONNECTIONS = 4;

    private final HikariDataSource pool;
    private final Jdbi jdbi;

    private Database(HikariDataSource pool) {
        this.pool = pool;
        this.jdbi = Jdbi.create(pool);
    }

    /// Opens the records of this data directory, and brings them to this version's schema.
    ///
    /// @throws DatabaseException if they cannot be read, or are of a newer version
    public static Database open(Path dataDirectory) {
        return at("jdbc:sqlite:" + dataDirectory.resolve(FILE), CONNECTIONS);
    }

    static Database at(String url, int connections) {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
        config.setBusyTimeout(10_000);
        SQLiteDataSource source = new SQLiteDataSource(config);
        source.setUrl(url);
        HikariConfig pooled = new HikariConfig();
        pooled.setDataSource(source);
        pooled.setMaximumPoolSize(connections);
        pooled.setPoolName("records");
        HikariDataSource pool = new HikariDataSource(pooled);
        boolean opened = false;
        try {
            migrate(pool);
            opened = true;
            return new Database(pool);
        } finally {
            if (!opened) {
                pool.close();
            }
        }
    }

    private static void migrate(HikariDataSource pool) {
        try {
            Flyway.configure()
                    .dataSource(pool)
                    .locations("classpath:dev/tinsmith/server/database")
                    .placeholders(Map.of("bytes", "BLOB"))
                    .ignoreMigrationPatterns("*:missing")
                    .load()
                    .migrate();
        } catch (FlywayException failure) {
            throw new DatabaseException(
                    "the records in %s cannot be opened by this version; if a newer one wrote them, start that one"
                            .formatted(FILE),
                    failure);
        }
    }

    /// For tables.
    public Jdbi jdbi() {
        return jdbi;
    }

    @Override
    public void close() {
        pool.close();
    }
}
