package dev.tinsmith.conformance.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// For all tests of a class: a packed server with its own data, and a Python that plays the
/// scenarios of one module against it. Told to stop, the server must exit with 0.
final class Stage implements BeforeAllCallback, AfterAllCallback {
    private static final Duration START = Duration.ofMinutes(2);
    private static final Duration STOP = Duration.ofSeconds(30);
    private static final Duration COMMAND = Duration.ofMinutes(1);
    private static final Duration SCENARIO = Duration.ofMinutes(3);

    /// A golden checkpoint of each family beside Llama.
    static final List<String> FAMILIES =
            List.of("mistral", "qwen2", "qwen3", "gemma2", "gemma3", "yarn");

    /// Those with experts.
    static final List<String> EXPERTS = List.of("mixtral", "qwen3_moe");

    private static final Map<String, String> SERVER =
            Map.of(
                    "MKL_CBWR", "AVX2",
                    "MALLOC_ARENA_MAX", "1",
                    "TINSMITH_LOG_REQUESTS", "1");
    private static final Pattern READY = Pattern.compile("ready on (http://\\S+), key in \\S+");

    private final String module;
    private final String name;
    private final List<String> settings;
    private final List<Child> children = new ArrayList<>();
    private URI url = URI.create("http://127.0.0.1:0");

    private Stage(String module, String name, List<String> settings) {
        this.module = module;
        this.name = name;
        this.settings = settings;
    }

    private Stage(String module, List<String> settings) {
        this(module, module, settings);
    }

    /// The same, in another place, so that two classes may play one module.
    Stage at(String place) {
        return new Stage(module, place, settings);
    }

    /// The scenarios of `module`, on all golden checkpoints as `tiny/…`, computed in fp32.
    ///
    /// @param settings of the server, beside those
    static Stage tiny(String module, String... settings) {
        return tiny(
                module,
                List.of("untied", "tied", "rope", "wide_heads", "sharded", "bf16"),
                List.of(settings));
    }

    /// The scenarios of `module`, on a golden checkpoint of each family, likewise.
    static Stage families(String module) {
        return tiny(module, FAMILIES, List.of());
    }

    /// The scenarios of `module`, on those with experts, likewise.
    static Stage experts(String module) {
        return tiny(module, EXPERTS, List.of());
    }

    private static Stage tiny(String module, List<String> names, List<String> settings) {
        Stream<String> models =
                names.stream()
                        .flatMap(name ->
                                Stream.of(
                                        "--model",
                                        "tiny/%s=%s".formatted(name, Checkout.golden(name))));
        return new Stage(
                module,
                Stream.of(Stream.of("--dtype", "fp32"), settings.stream(), models)
                        .flatMap(each -> each)
                        .toList());
    }

    /// The scenarios of `module`, on a model of this machine, as the machine likes to compute it.
    static Stage of(String module, String name, Path model) {
        return new Stage(module, List.of("--model", name + "=" + model));
    }

    /// The scenarios of `module`, on one checkpoint under all of these names, computed in fp32.
    static Stage named(String module, Path checkpoint, List<String> names) {
        Stream<String> models =
                names.stream().flatMap(name -> Stream.of("--model", name + "=" + checkpoint));
        return new Stage(module, Stream.concat(Stream.of("--dtype", "fp32"), models).toList());
    }

    Path place() {
        return Checkout.stage(name);
    }

    Path data() {
        return place().resolve("data");
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        clear(place());
        startServer();
        children.add(python(environment()));
    }

    private Child python(Map<String, String> environment) {
        Child python =
                Child.start(
                        List.of(Checkout.python().toString(), "-m", "scenarios", module),
                        environment,
                        place().resolve("python.log"));
        python.line(START);
        return python;
    }

    /// On the port it had before, if it had one, since the clients go on asking there.
    private void startServer() {
        List<String> words = new ArrayList<>();
        words.addAll(List.of("serve", "--data", data().toString()));
        words.addAll(List.of("--port", String.valueOf(url.getPort())));
        words.addAll(settings);
        Child server = Child.start(Checkout.tinsmith(words), SERVER, place().resolve("server.log"));
        children.addFirst(server);
        Matcher ready = READY.matcher("");
        while (!ready.reset(server.line(START)).matches()) {
            // What it says of the models it adds comes first.
        }
        url = URI.create(ready.group(1));
    }

    /// What a client of this server has in its environment.
    Map<String, String> environment() {
        return Map.of(
                "TINKER_BASE_URL", url.toString(),
                "TINKER_API_KEY", key(),
                "HF_ENDPOINT", url + "/hf",
                "HF_HOME", place().resolve("hf-home").toString(),
                "GOLDEN", Checkout.conformance().resolve("golden").toString(),
                "FAMILIES", String.join(",", FAMILIES),
                "EXPERTS", String.join(",", EXPERTS),
                "STAGE", place().toString(),
                "CELLS", Checkout.cells().toString(),
                "PYTHONPATH", Checkout.conformance().resolve("python").toString());
    }

    private String key() {
        try {
            return Files.readString(data().resolve("admin.key")).strip();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /// Plays one scenario to its end.
    Verdict play(String scenario) {
        return play(scenario, SCENARIO);
    }

    Verdict play(String scenario, Duration patience) {
        return play(children.getLast(), scenario, patience, "");
    }

    /// Plays one scenario through another version of the client.
    Verdict play(String scenario, String version) {
        Map<String, String> environment = new HashMap<>(environment());
        environment.merge(
                "PYTHONPATH",
                Checkout.client(version).toString(),
                (ours, theirs) -> theirs + ":" + ours);
        try (Child python = python(environment)) {
            return play(python, scenario, SCENARIO, " with tinker " + version);
        }
    }

    private Verdict play(Child python, String scenario, Duration patience, String manner) {
        python.say(scenario);
        return verdict(python, patience, manner);
    }

    private Verdict verdict(Child python, Duration patience, String manner) {
        Verdict verdict = Verdict.of(python.line(patience));
        IO.println(
                "%6.2f s  %s.%s%s".formatted(verdict.seconds(), name, verdict.scenario(), manner));
        return verdict;
    }

    /// Plays one scenario while the server is killed, with SIGKILL, and started again on what it
    /// left, so many times, each time after a random while of at most `longest`.
    Verdict playInStorm(
            String scenario, int kills, Duration longest, Random chance, Duration patience) {
        Child python = children.getLast();
        python.say(scenario);
        for (int kill = 0; kill < kills; kill++) {
            pause(Duration.ofMillis(chance.nextLong(longest.toMillis())));
            assertThat(python.isSilent()).as("still at work before kill %d", kill + 1).isTrue();
            children.removeFirst().kill();
            startServer();
        }
        return verdict(python, patience, " with %d kills".formatted(kills));
    }

    private static void pause(Duration time) {
        try {
            Thread.sleep(time);
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    /// Stops the server for as long as `meanwhile` takes; its data stay.
    void withServerStopped(Runnable meanwhile) {
        assertThat(children.removeFirst().stop(STOP)).as("the server's exit code").isZero();
        meanwhile.run();
        startServer();
    }

    /// `tinsmith checkpoint export` into the folder `out` of this place.
    void export(String path, String format, String out) {
        Path into = place().resolve(out);
        List<String> words =
                List.of("checkpoint", "export", path, "--format", format, "--out", into.toString());
        assertThat(command(words, "tinsmith").code()).as(String.join(" ", words)).isZero();
    }

    /// What came of a command: what it printed and what it said on its error stream.
    record Done(int code, List<String> said, String failure) {}

    /// Runs `tinsmith …` on this data directory. What it says is kept as `name.txt` and `name.err`.
    Done command(List<String> words, String name) {
        List<String> all = new ArrayList<>(words);
        all.addAll(List.of("--data", data().toString()));
        Path errors = place().resolve(name + ".err");
        try (Child command = Child.start(Checkout.tinsmith(all), Map.of(), errors)) {
            List<String> said = command.rest(COMMAND);
            int code = command.exit(COMMAND);
            Files.write(place().resolve(name + ".txt"), said);
            return new Done(code, said, Files.readString(errors));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Override
    public void afterAll(ExtensionContext context) {
        try {
            children.getLast().close();
            assertThat(children.getFirst().stop(STOP)).as("the server's exit code").isZero();
        } finally {
            children.forEach(Child::close);
        }
    }

    private static void clear(Path place) {
        try {
            if (Files.exists(place)) {
                try (Stream<Path> all = Files.walk(place)) {
                    for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                        Files.delete(path);
                    }
                }
            }
            Files.createDirectories(place);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
