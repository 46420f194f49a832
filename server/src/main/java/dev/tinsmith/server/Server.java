package dev.tinsmith.server;

import dev.tinsmith.engine.Engine;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.server.api.Api;
import dev.tinsmith.server.api.Errors;
import dev.tinsmith.server.auth.Credentials;
import dev.tinsmith.server.catalog.Catalog;
import dev.tinsmith.server.checkpoint.CheckpointStore;
import dev.tinsmith.server.checkpoint.Checkpoints;
import dev.tinsmith.server.checkpoint.ExternalForm;
import dev.tinsmith.server.checkpoint.FileStore;
import dev.tinsmith.server.future.Futures;
import dev.tinsmith.server.future.Retention;
import dev.tinsmith.server.http.AccessLog;
import dev.tinsmith.server.http.Http;
import dev.tinsmith.server.http.Limits;
import dev.tinsmith.server.observe.Counters;
import dev.tinsmith.server.observe.EventLog;
import dev.tinsmith.server.queue.EngineThread;
import dev.tinsmith.server.queue.Halt;
import dev.tinsmith.server.queue.LocalLane;
import dev.tinsmith.server.queue.Samples;
import dev.tinsmith.server.rest.Management;
import dev.tinsmith.server.rest.Records;
import dev.tinsmith.server.run.Runs;
import dev.tinsmith.server.sampling.Samplers;
import dev.tinsmith.server.session.Sessions;
import dev.tinsmith.server.session.Sleeper;
import dev.tinsmith.server.session.Sweeper;
import dev.tinsmith.server.session.UploadedLosses;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;

/// The server, room by room, in the order in which a request meets them.
public final class Server implements AutoCloseable {
    private static final Duration SWEEPS = Duration.ofSeconds(15);

    /// A connection outlives every long poll by this.
    private static final Duration SLACK = Duration.ofMinutes(2);

    private final Http http;
    private final Sweeper sweeper;
    private final EngineThread engine;
    private final CheckpointStore store;
    private final CountDownLatch loading;

    private Server(
            Http http,
            Sweeper sweeper,
            EngineThread engine,
            CheckpointStore store,
            CountDownLatch loading) {
        this.http = http;
        this.sweeper = sweeper;
        this.engine = engine;
        this.store = store;
        this.loading = loading;
    }

    /// Opens the port, and has the engine load every model of `catalog` meanwhile.
    ///
    /// @param compute the server's from now on, even if the start fails
    /// @throws dev.tinsmith.server.http.PortException if the port cannot be opened
    /// @throws dev.tinsmith.server.checkpoint.StoreException if the data directory cannot be used
    public static Server start(ServerConfig config, Catalog catalog, Engine compute) {
        Deque<Runnable> undo = new ArrayDeque<>();
        undo.push(compute::close);
        try {
            return open(config, catalog, compute, undo);
        } catch (RuntimeException failure) {
            undo.forEach(Runnable::run);
            throw failure;
        }
    }

    private static Server open(
            ServerConfig config, Catalog catalog, Engine compute, Deque<Runnable> undo) {
        InstantSource clock = InstantSource.system();
        EventLog log = new EventLog("dev.tinsmith.server");
        Counters counters = new Counters();
        Futures futures = new Futures(clock, Retention.of(config.resultRetention()));
        CheckpointStore store = FileStore.open(config.data());
        undo.push(store::close);
        Credentials credentials = Credentials.open(config.data(), clock);
        Books books = Books.open(config.data(), clock);
        Checkpoints checkpoints = new Checkpoints(store, ExternalForm.peft(), clock);
        Samples samples = new Samples(futures, counters, books.watch(), config.maxSamplesWaiting());
        EngineThread engine = new EngineThread(compute, samples, Halt.process(), System::nanoTime);
        undo.removeLast();
        undo.push(engine::close);
        Runs runs =
                new Runs(
                        run ->
                                new LocalLane(
                                        run.id(),
                                        run.subject(),
                                        engine,
                                        futures,
                                        counters,
                                        books.watch()),
                        checkpoints,
                        clock);
        Samplers samplers = new Samplers(samples, checkpoints);
        UploadedLosses losses = new UploadedLosses();
        Sessions sessions =
                new Sessions(
                        clock,
                        config.sessionTimeout(),
                        config.sessionGrace(),
                        List.of(samplers::closeAll, runs::closeAll, losses::closeAll));
        books.follow(checkpoints, sessions);
        CountDownLatch loading = load(catalog, engine, log);
        Http http =
                listen(
                        config,
                        new Api.Rooms(
                                credentials,
                                sessions,
                                losses,
                                catalog,
                                runs,
                                checkpoints,
                                samplers,
                                futures),
                        books.records(),
                        () -> loading.getCount() == 0,
                        (method, path, status, took, client) -> {
                            counters.request();
                            log.answered(method, path, status, took, client);
                        });
        Sweeper sweeper =
                Sweeper.start(
                        Sleeper.real(),
                        SWEEPS,
                        List.of(sessions::sweep, checkpoints::sweep, futures::sweep, books::sweep));
        return new Server(http, sweeper, engine, store, loading);
    }

    private static Http listen(
            ServerConfig config,
            Api.Rooms rooms,
            Records records,
            BooleanSupplier ready,
            AccessLog log) {
        Api.Settings settings =
                new Api.Settings(
                        config.longPoll(),
                        config.tokens(),
                        config.clients(),
                        new SecureRandom()::nextLong,
                        ready);
        Management management =
                new Management(
                        new Management.Rooms(
                                rooms.credentials(),
                                rooms.sessions(),
                                rooms.runs(),
                                rooms.samplers(),
                                rooms.checkpoints(),
                                records),
                        new Management.Settings(
                                InstantSource.system(),
                                config.downloadLifetime(),
                                config.externalUrl()));
        return Http.listen(
                config.host(),
                config.port(),
                new Limits(config.maxBody(), config.longPoll().plus(SLACK)),
                Api.routes(rooms, management, settings),
                new Errors(),
                log);
    }

    private static CountDownLatch load(Catalog catalog, EngineThread engine, EventLog log) {
        CountDownLatch loading = new CountDownLatch(catalog.all().size());
        for (Catalog.Model model : catalog.all()) {
            engine.load(
                    model.base(),
                    outcome -> {
                        TreeMap<String, String> facts = new TreeMap<>();
                        facts.put("model", model.name());
                        if (outcome instanceof Outcome.Failed failed) {
                            facts.put("reason", failed.reason());
                            log.warned("model-not-loaded", facts);
                        } else {
                            log.happened("model-loaded", facts);
                        }
                        loading.countDown();
                    });
        }
        return loading;
    }

    /// Where it listens.
    public int port() {
        return http.port();
    }

    /// Waits until every model is loaded, or could not be.
    public void awaitModels() throws InterruptedException {
        loading.await();
    }

    /// Takes no more requests, lets the work under way end, and frees everything.
    @Override
    public void close() {
        http.close();
        sweeper.close();
        engine.close();
        store.close();
    }
}
