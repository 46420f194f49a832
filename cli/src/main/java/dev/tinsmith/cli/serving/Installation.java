package dev.tinsmith.cli.serving;

import dev.tinsmith.cli.config.Setting;
import dev.tinsmith.cli.config.Settings;
import dev.tinsmith.cli.terminal.Refusal;
import dev.tinsmith.models.ModelSource;
import dev.tinsmith.models.ModelStore;
import dev.tinsmith.models.Progress;
import dev.tinsmith.server.Server;
import dev.tinsmith.server.ServerConfig;
import dev.tinsmith.server.api.ClientFlags;
import dev.tinsmith.server.catalog.Catalog;
import dev.tinsmith.torch.TorchEngine;
import dev.tinsmith.torch.ops.DeviceKind;
import dev.tinsmith.torch.ops.DtypeChoice;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/// A server with the engine and the models that its settings name.
public final class Installation implements AutoCloseable {
    private static final int MIB = 1 << 20;

    private final Server server;
    private final Path data;
    private final String host;

    private Installation(Server server, Path data, String host) {
        this.server = server;
        this.data = data;
        this.host = host;
    }

    /// Adds the models that `settings` name, and opens the port.
    ///
    /// @throws Refusal if a setting cannot be honoured
    public static Installation start(Settings settings, Progress progress) {
        Path data = settings.path(Setting.DATA);
        ServerConfig config = config(settings, data);
        TorchEngine.Options options = options(settings);
        ModelStore models = new ModelStore(data);
        for (String model : settings.all(Setting.MODEL)) {
            add(models, model, progress);
        }
        Server server = Server.start(config, Catalog.of(models), TorchEngine.open(options));
        return new Installation(server, data, config.host());
    }

    private static void add(ModelStore models, String model, Progress progress) {
        int equals = model.indexOf('=');
        if (equals < 1) {
            throw new Refusal("model is '%s'; it must be NAME=SOURCE".formatted(model));
        }
        models.add(
                model.substring(0, equals),
                ModelSource.parse(model.substring(equals + 1)),
                false,
                progress);
    }

    private static ServerConfig config(Settings settings, Path data) {
        ServerConfig defaults = ServerConfig.defaults();
        return new ServerConfig(
                settings.text(Setting.HOST),
                settings.integer(Setting.PORT, 0, 65_535),
                data,
                settings.time(Setting.SESSION_TIMEOUT),
                defaults.sessionGrace(),
                defaults.longPoll(),
                defaults.resultRetention(),
                settings.integer(Setting.MAX_BODY, 1, 1024) * MIB - 1,
                settings.integer(Setting.QUEUED_SAMPLES, 1, 1_000_000),
                clients(settings),
                defaults.downloadLifetime(),
                externalUrl(settings),
                settings.choice(Setting.TOKENS, "on", "off").equals("on"));
    }

    private static ClientFlags clients(Settings settings) {
        return new ClientFlags(
                settings.integer(Setting.SAMPLES_PER_CLIENT, 1, 10_000),
                settings.choice(Setting.CLIENT_TRANSPORT, "pyqwest", "httpx").equals("pyqwest"),
                settings.choice(Setting.CLIENT_PACKING, "zstd", "none").equals("zstd"),
                ClientFlags.Poll.valueOf(
                        settings.choice(Setting.SAMPLE_POLLS, "each", "session")
                                .toUpperCase(Locale.ROOT)),
                settings.choice(Setting.SAMPLE_JOIN, "on", "off").equals("on"),
                settings.choice(Setting.SAMPLE_CANCEL, "on", "off").equals("on"));
    }

    private static Optional<URI> externalUrl(Settings settings) {
        String url = settings.text(Setting.EXTERNAL_URL);
        if (url.isEmpty()) {
            return Optional.empty();
        }
        if (!url.matches("https?://[^/]+.*")) {
            throw new Refusal(
                    "external-url is '%s'; it must begin with http:// or https://".formatted(url));
        }
        return Optional.of(URI.create(url));
    }

    /// How the engine computes under these settings.
    public static TorchEngine.Options options(Settings settings) {
        String dtype = settings.choice(Setting.DTYPE, "auto", "bf16", "fp32");
        String device = settings.choice(Setting.DEVICE, "cpu", "cuda");
        return new TorchEngine.Options(
                DtypeChoice.valueOf(dtype.toUpperCase(Locale.ROOT)),
                settings.integer(Setting.THREADS, 0, 1024),
                settings.integer(Setting.PASS_TOKENS, 16, 1 << 20),
                settings.integer(Setting.PROMPT_CACHE, 0, 1 << 20) * (long) MIB,
                DeviceKind.valueOf(device.toUpperCase(Locale.ROOT)));
    }

    /// Where clients on this machine reach it.
    public String url() {
        String name = host.equals("0.0.0.0") || host.equals("::") ? "127.0.0.1" : host;
        return "http://%s:%d".formatted(name, server.port());
    }

    /// The first key, which the server made on its first start.
    public String key() {
        try {
            return Files.readString(keyFile()).strip();
        } catch (IOException _) {
            throw new Refusal("the key in %s cannot be read".formatted(keyFile()));
        }
    }

    /// The file that holds the first key.
    public Path keyFile() {
        return data.resolve("admin.key");
    }

    /// Waits until every model is loaded, or could not be.
    public void awaitModels() throws InterruptedException {
        server.awaitModels();
    }

    @Override
    public void close() {
        server.close();
    }
}
