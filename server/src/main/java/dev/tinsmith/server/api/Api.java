package dev.tinsmith.server.api;

import dev.tinsmith.server.auth.Credentials;
import dev.tinsmith.server.catalog.Catalog;
import dev.tinsmith.server.checkpoint.Checkpoints;
import dev.tinsmith.server.future.FutureId;
import dev.tinsmith.server.future.Futures;
import dev.tinsmith.server.future.Ledger;
import dev.tinsmith.server.http.Handler;
import dev.tinsmith.server.http.Route;
import dev.tinsmith.server.http.Route.Method;
import dev.tinsmith.server.hub.HubApi;
import dev.tinsmith.server.journal.Journal;
import dev.tinsmith.server.journal.Verb;
import dev.tinsmith.server.rest.Management;
import dev.tinsmith.server.run.Runs;
import dev.tinsmith.server.sampling.Samplers;
import dev.tinsmith.server.session.Sessions;
import dev.tinsmith.server.session.UploadedLosses;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;

/// Every endpoint of this server, and the key that most of them ask for.
public final class Api {
    private static final String V1 = "/api/v1/";

    private final Rooms rooms;
    private final Settings settings;
    private final Promises promises;
    private final List<Route> routes = new ArrayList<>();
    private final Map<Verb, Function<byte[], FutureId>> readers = new EnumMap<>(Verb.class);
    private final LossesApi losses;

    private Api(Rooms rooms, Settings settings) {
        this.rooms = rooms;
        this.settings = settings;
        this.promises = new Promises(rooms.futures(), settings.longPoll());
        this.losses = new LossesApi(rooms.sessions(), rooms.losses(), rooms.futures());
    }

    /// Whom the endpoints ask.
    public record Rooms(
            Credentials credentials,
            Sessions sessions,
            UploadedLosses losses,
            Catalog catalog,
            Runs runs,
            Checkpoints checkpoints,
            Samplers samplers,
            Futures futures,
            Journal journal,
            Ledger ledger) {}

    /// What the endpoints need to know beside.
    ///
    /// @param tokens whether clients shall change their key for a token
    /// @param seeds gives the seed of a client that chose none
    /// @param ready whether the models are loaded
    public record Settings(
            Duration longPoll,
            boolean tokens,
            ClientFlags flags,
            Supplier<Long> seeds,
            BooleanSupplier ready) {}

    /// The endpoints of these rooms.
    public static Api of(Rooms rooms, Management management, Settings settings) {
        Api api = new Api(rooms, settings);
        api.service();
        api.training();
        api.sampling();
        api.management(management);
        api.routes.addAll(
                new HubApi(name -> rooms.catalog().maybe(name).map(Catalog.Model::folder))
                        .routes());
        return api;
    }

    /// The routes to them.
    public List<Route> routes() {
        return List.copyOf(routes);
    }

    /// Hears again what earlier lives of the server heard and did not finish; to be done before
    /// anybody else is heard.
    public void replay() {
        losses.restore();
        new Replays(rooms.journal(), rooms.ledger(), rooms.runs(), rooms.futures(), readers).all();
    }

    private void service() {
        ServiceApi service =
                new ServiceApi(
                        rooms.sessions(),
                        rooms.catalog(),
                        settings.tokens(),
                        settings.flags(),
                        settings.ready());
        open(Method.GET, V1 + "healthz", service::health);
        keyed(Method.POST, "client/config", service::config);
        keyed(Method.POST, "client/dynamic_config", service::dynamicConfig);
        keyed(Method.POST, "create_session", service::create);
        keyed(Method.POST, "session_heartbeat", service::heartbeat);
        keyed(Method.POST, "sessions/{id}/finish", service::finish);
        keyed(Method.POST, "telemetry", service::telemetry);
        keyed(Method.GET, "get_server_capabilities", service::capabilities);
    }

    private void training() {
        Operations operations = new Operations(rooms.runs());
        ModelsApi models =
                new ModelsApi(rooms.sessions(), rooms.catalog(), rooms.runs(), settings.seeds());
        TrainingApi training = new TrainingApi(operations, rooms.catalog(), losses);
        WeightsApi weights = new WeightsApi(operations, rooms);
        readers.put(Verb.CREATE, models::create);
        readers.put(Verb.PASS, training::pass);
        readers.put(Verb.STEP, training::step);
        readers.put(Verb.SAVE, weights::save);
        readers.put(Verb.SAVE_FOR_SAMPLER, weights::saveForSampler);
        readers.put(Verb.SAVE_EXTERNAL, weights::saveExternal);
        readers.put(Verb.LOAD, weights::load);
        keyed(Method.POST, "create_model", models::create);
        keyed(Method.POST, "get_info", models::info);
        keyed(Method.POST, "forward_backward", training::forwardBackward);
        keyed(Method.POST, "forward", training::forwardBackward);
        keyed(Method.POST, "optim_step", training::optimStep);
        keyed(Method.POST, "create_custom_loss", losses::create);
        keyed(Method.POST, "save_weights", weights::save);
        keyed(Method.POST, "save_weights_for_sampler", weights::saveForSampler);
        keyed(Method.POST, "save_weights_external", weights::saveExternal);
        keyed(Method.POST, "load_weights", weights::load);
        keyed(Method.POST, "weights_info", weights::info);
        keyed(Method.POST, "retrieve_future", promises::retrieve);
    }

    private void sampling() {
        SamplingApi sampling = new SamplingApi(rooms, settings.seeds());
        readers.put(Verb.SAMPLE, sampling::sample);
        keyed(Method.POST, "create_sampling_session", sampling::open);
        keyed(Method.GET, "samplers/{id}", sampling::sampler);
        keyed(Method.POST, "join_sampling_session", sampling::join);
        keyed(Method.POST, "asample", sampling::sample);
        FuturesApi futures = new FuturesApi(rooms.futures(), rooms.samplers(), settings.longPoll());
        keyed(Method.POST, "retrieve_futures", futures::retrieveAll);
        keyed(Method.POST, "cancel_future", futures::cancel);
    }

    private void management(Management management) {
        management.keyed().forEach(route -> keyed(route.method(), route.path(), route.handler()));
        routes.addAll(management.open());
    }

    private void open(Method method, String path, Handler handler) {
        routes.add(new Route(method, path, handler));
    }

    private void keyed(Method method, String path, Handler handler) {
        open(
                method,
                V1 + path,
                request ->
                        rooms.credentials()
                                .authenticate(request.header(Credentials.HEADER))
                                .during(() -> handler.handle(request)));
    }
}
