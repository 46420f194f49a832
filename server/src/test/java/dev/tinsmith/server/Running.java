package dev.tinsmith.server;

import dev.tinsmith.engine.SamplingSpec;
import dev.tinsmith.engine.ScriptedEngine;
import dev.tinsmith.server.api.ClientFlags;
import dev.tinsmith.server.catalog.Catalog;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// A whole server on a free port, with a scripted engine behind it and a client before it.
final class Running implements AutoCloseable {
    static final String BASE = "org/tiny";
    static final int CONTEXT = 64;
    static final int VOCABULARY = 128;

    final ScriptedEngine engine = new ScriptedEngine();
    final Path data;
    final Server server;
    final Visit visit;

    private final Duration longPoll;
    private final int maxSamplesWaiting;

    private Running(Path data, Duration longPoll, int maxSamplesWaiting) {
        this.data = data;
        this.longPoll = longPoll;
        this.maxSamplesWaiting = maxSamplesWaiting;
        this.server = Server.start(config(data, 0), catalog(), engine);
        this.visit = visit(key());
    }

    /// Of a server that would like this one's port.
    ServerConfig config(Path elsewhere) {
        return config(elsewhere, server.port());
    }

    private ServerConfig config(Path directory, int port) {
        return new ServerConfig(
                "127.0.0.1",
                port,
                directory,
                Duration.ofMinutes(5),
                Duration.ofMinutes(10),
                longPoll,
                Duration.ofHours(1),
                1 << 22,
                maxSamplesWaiting,
                ClientFlags.DEFAULT,
                Duration.ofHours(1),
                Optional.empty(),
                true);
    }

    Catalog catalog() {
        return new Catalog(
                List.of(
                        new Catalog.Model(
                                BASE,
                                data.resolve("models/tiny"),
                                "LlamaForCausalLM",
                                CONTEXT,
                                VOCABULARY,
                                Set.of(2),
                                _ -> SamplingSpec.StopText.NONE)));
    }

    static Running in(Path data) {
        return new Running(data, Duration.ofSeconds(20), 1000);
    }

    static Running impatient(Path data) {
        return new Running(data, Duration.ofMillis(100), 2);
    }

    Visit visit(String key) {
        return new Visit(server.port(), key);
    }

    String key() {
        try {
            return Files.readString(data.resolve("admin.key")).strip();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    String session() {
        return visit.post("/api/v1/create_session", "{\"tags\": [], \"user_metadata\": {}}")
                .field("session_id");
    }

    /// A run that is ready.
    String run(String session) {
        Visit.Told made =
                visit.post(
                        "/api/v1/create_model",
                        "{\"session_id\": \"%s\", \"model_seq_id\": 0, \"base_model\": \"%s\", \"lora_config\": {\"rank\": 8, \"seed\": 1}}"
                                .formatted(session, BASE));
        return visit.result(made).field("model_id");
    }

    /// A sampler of the base model.
    String sampler(String session, int number) {
        return visit.post(
                        "/api/v1/create_sampling_session",
                        "{\"session_id\": \"%s\", \"sampling_session_seq_id\": %d, \"base_model\": \"%s\"}"
                                .formatted(session, number, BASE))
                .field("sampling_session_id");
    }

    Visit.Told pass(String run, int sequence, int... tokens) {
        return send(Passes.pass(run, sequence, tokens));
    }

    Visit.Told send(byte[] pass) {
        return visit.post("/api/v1/forward_backward", pass, "application/x-protobuf");
    }

    Visit.Told step(String run, int sequence, double rate) {
        return visit.post(
                "/api/v1/optim_step",
                "{\"model_id\": \"%s\", \"seq_id\": %d, \"adam_params\": {\"learning_rate\": %s}}"
                        .formatted(run, sequence, rate));
    }

    /// Asks to save under `name` through `endpoint`.
    Visit.Told save(String endpoint, String run, int sequence, String name) {
        return visit.post(
                "/api/v1/" + endpoint,
                "{\"model_id\": \"%s\", \"seq_id\": %d, \"path\": \"%s\"}"
                        .formatted(run, sequence, name));
    }

    Visit.Told sample(String sampler, int sequence, String more) {
        return visit.post(
                "/api/v1/asample",
                """
                {"sampling_session_id": "%s", "seq_id": %d, "num_samples": 2,
                 "prompt": {"chunks": [{"type": "encoded_text", "tokens": [65, 66, 67]}]},
                 "sampling_params": {"max_tokens": 4, "seed": 1}%s}\
                """
                        .formatted(sampler, sequence, more));
    }

    @Override
    public void close() {
        engine.releaseAll();
        visit.close();
        server.close();
    }
}
