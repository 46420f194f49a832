package dev.tinsmith.server;

import dev.tinsmith.engine.Base;
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
import dev.tinsmith.server.future.Retention;
import dev.tinsmith.server.http.Http;
import dev.tinsmith.server.http.Limits;
import dev.tinsmith.server.observe.Counters;
import dev.tinsmith.server.observe.EventLog;
import dev.tinsmith.server.queue.EngineThread;
import dev.tinsmith.server.queue.Halt;
import dev.tinsmith.server.queue.Samples;
import dev.tinsmith.server.rest.Management;
import dev.tinsmith.server.rest.Records;
import dev.tinsmith.server.run.RunTable;
import dev.tinsmith.server.run.Runs;
import dev.tinsmith.server.sampling.SamplerTable;
import dev.tinsmith.server.sampling.Samplers;
import dev.tinsmith.server.session.SessionTable;
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
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/// The server, room by room, in the order in which a request meets them.
public final class Server implements AutoCloseable {
    private static final Duration SWEEPS = Duration.ofSeconds(15);

    /// A connection outlives every long poll by this.
    private static final Duration SLACK = Duration.ofMinutes(2);

    /// How long a slice and a snapshot of each run may take when it stops.
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private final Http http;
    private final Sweeper sweeper;
    private final Runs runs;
    private final EngineThread engine;
    private final Memory memory;
    private final CheckpointStore store;
    private final CountDownLatch loading;

    private Server(
            Http http,
            Sweeper sweeper,
            Runs runs,
            EngineThread engine,
            Memory memory,
            CheckpointStore store,
            CountDownLatch loading) {
        this.http = http;
        this.sweeper = sweeper;
        this.runs = runs;
        this.engine = engine;
        this.memory = memory;
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
        CheckpointStore store = FileStore.open(config.data());
        undo.push(store::close);
        Memory memory =
                Memory.open(
                        config.data(),
                        Retention.of(config.resultRetention()),
                        clock,
                        Halt.process());
        undo.push(memory::close);
        Credentials credentials = Credentials.open(config.data(), clock);
        Books books = Books.open(config.data(), clock);
        Checkpoints checkpoints = new Checkpoints(store, ExternalForm.peft(), clock);
        Samples samples =
                new Samples(
                        memory.futures(),
                        counters,
                        books.watch(),
                        memory.journal(),
                        memory.ledger(),
                        config.maxSamplesWaiting());
        EngineThread engine = new EngineThread(compute, samples, Halt.process(), System::nanoTime);
        undo.removeLast();
        undo.push(engine::close);
        SessionTable table = new SessionTable(memory.database());
        Runs runs =
                new Runs(
                        memory.commons(engine, counters, books.watch()),
                        checkpoints,
                        new RunTable(memory.database()),
                        clock);
        Samplers samplers = new Samplers(samples, checkpoints, new SamplerTable(memory.database()));
        UploadedLosses losses = new UploadedLosses(table);
        Sessions sessions =
                new Sessions(
                        table,
                        clock,
                        config.sessionTimeout(),
                        config.sessionGrace(),
                        List.of(samplers::closeAll, runs::closeAll, losses::closeAll));
        books.follow(checkpoints, sessions);
        CountDownLatch loading = load(catalog, engine, log);
        Function<String, Optional<Base>> bases =
                name -> catalog.maybe(name).map(Catalog.Model::base);
        runs.restore(bases, memory.archive());
        samplers.restore(bases);
        Api api =
                api(
                        config,
                        new Api.Rooms(
                                credentials,
                                sessions,
                                losses,
                                catalog,
                                runs,
                                checkpoints,
                                samplers,
                                memory.futures(),
                                memory.journal(),
                                memory.ledger()),
                        books.records(),
                        () -> loading.getCount() == 0);
        api.replay();
        Http http =
                Http.listen(
                        config.host(),
                        config.port(),
                        new Limits(config.maxBody(), config.longPoll().plus(SLACK)),
                        api.routes(),
                        new Errors(),
                        (method, path, status, took, client) -> {
                            counters.request();
                            log.answered(method, path, status, took, client);
                        });
        Sweeper sweeper =
                Sweeper.start(
                        Sleeper.real(),
                        SWEEPS,
                        List.of(
                                sessions::sweep,
                                runs::sweep,
                                checkpoints::sweep,
                                memory::sweep,
                                books::sweep));
        return new Server(http, sweeper, runs, engine, memory, store, loading);
    }

    private static Api api(
            ServerConfig config, Api.Rooms rooms, Records records, BooleanSupplier ready) {
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
        return Api.of(rooms, management, settings);
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

    /// Takes no more requests, lets the slice under way end, keeps what is only in memory, and
    /// frees everything. What was promised and is not done goes on with the next start.
    @Override
    public void close() {
        memory.futures().hurry();
        http.close();
        sweeper.close();
        runs.stop(PATIENCE);
        engine.close();
        memory.close();
        store.close();
    }
}
