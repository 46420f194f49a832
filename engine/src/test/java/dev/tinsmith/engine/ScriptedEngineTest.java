package dev.tinsmith.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinsmith.engine.format.AdapterConfig;
import dev.tinsmith.engine.format.AdapterFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScriptedEngineTest {
    private static final Base BASE = new Base("org/tiny", Path.of("tiny"));
    private static final LoraSpec LORA = new LoraSpec(8, 1, true, true, true);
    private static final RunId RUN = new RunId("s:train:0");
    private static final AdamStep ADAM = new AdamStep(1e-3, 0.9, 0.95, 1e-8, 0, 0);
    private static final LossSpec LOSS = LossSpec.named("cross_entropy");

    @TempDir private Path directory;

    private final ScriptedEngine engine = new ScriptedEngine();

    private static Batch batch(int... ids) {
        Tokens tokens = Tokens.of(ids);
        return new Batch(List.of(new Batch.Datum(tokens, tokens, 1, new TreeMap<>())));
    }

    private Outcome.Passed forward() {
        return (Outcome.Passed) engine.compute(new Work.Forward(RUN, batch(1, 2, 3), LOSS));
    }

    private double loss() {
        return forward().metrics().getOrDefault("loss:sum", Double.NaN);
    }

    private void trained(int token) {
        assertThat(engine.compute(new Work.ForwardBackward(RUN, batch(token), LOSS)))
                .isInstanceOf(Outcome.Passed.class);
        assertThat(engine.compute(new Work.OptimStep(RUN, ADAM)))
                .isInstanceOf(Outcome.Stepped.class);
    }

    private void opened() {
        assertThat(engine.compute(new Work.Open(RUN, BASE, LORA))).isEqualTo(new Outcome.Done());
    }

    @Test
    void theSameCallsGiveTheSameResults() {
        opened();
        trained(1);
        Outcome first = forward();
        opened();
        trained(1);

        assertThat(forward()).isEqualTo(first);
    }

    @Test
    void anotherOrderGivesAnotherResult() {
        opened();
        trained(1);
        trained(2);
        Outcome first = forward();
        opened();
        trained(2);
        trained(1);

        assertThat(forward()).isNotEqualTo(first);
    }

    @Test
    void lossesFallWithEveryStepAndForwardChangesNothing() {
        opened();
        double before = loss();
        assertThat(loss()).isEqualTo(before);
        for (int i = 0; i < 20; i++) {
            trained(1);
        }

        assertThat(loss()).isLessThan(before);
    }

    @Test
    void whatItSavesItLoads() throws Exception {
        opened();
        trained(1);
        Path folder = Files.createDirectory(directory.resolve("saved"));
        assertThat(engine.compute(new Work.Save(RUN, folder, true))).isEqualTo(new Outcome.Done());
        Outcome saved = forward();
        trained(2);

        assertThat(engine.compute(new Work.Load(RUN, BASE, folder, true)))
                .isEqualTo(new Outcome.Loaded(LORA));
        assertThat(forward()).isEqualTo(saved);
        try (AdapterFolder adapter = AdapterFolder.open(folder)) {
            assertThat(adapter.config()).isEqualTo(new AdapterConfig(LORA, "org/tiny"));
            assertThat(adapter.moments().step()).isEqualTo(1);
        }
    }

    @Test
    void aSampleDecodesOneTokenAtATimeAndStopsAtItsStop() {
        engine.admit(1, sample(new Weights.Plain(BASE), 5, Set.of()));
        List<Engine.Decoded> done = new ArrayList<>();
        int slices = 0;
        while (done.isEmpty()) {
            done.addAll(engine.decode());
            slices++;
        }
        Outcome.Sampled sampled = (Outcome.Sampled) done.getFirst().outcome();
        Tokens tokens = sampled.sequences().getFirst().tokens();

        assertThat(slices).isEqualTo(5);
        assertThat(tokens.length()).isEqualTo(5);
        assertThat(sampled.sequences().getFirst().stopped()).isFalse();

        engine.admit(2, sample(new Weights.Plain(BASE), 5, Set.of(tokens.at(0))));
        Outcome.Sampled stopped = (Outcome.Sampled) engine.decode().getFirst().outcome();
        assertThat(stopped.sequences().getFirst().stopped()).isTrue();
        assertThat(stopped.sequences().getFirst().tokens()).isEqualTo(Tokens.of(tokens.at(0)));
    }

    @Test
    void samplesOfManyLengthsAllComeBackOnce() {
        for (int ticket = 1; ticket <= 100; ticket++) {
            engine.admit(ticket, sample(new Weights.Plain(BASE), 1 + ticket % 17, Set.of()));
        }
        List<Long> done = new ArrayList<>();
        for (int slice = 0; slice < 17; slice++) {
            engine.decode().forEach(decoded -> done.add(decoded.ticket()));
        }

        assertThat(done).doesNotHaveDuplicates().hasSize(100);
    }

    @Test
    void itFailsWhenToldAndThenGoesOn() {
        engine.next(() -> new Outcome.Failed(Fault.USER, "no"));
        engine.next(() -> {
            throw new IllegalStateException("broken");
        });

        assertThat(engine.compute(new Work.Open(RUN, BASE, LORA)))
                .isEqualTo(new Outcome.Failed(Fault.USER, "no"));
        assertThatThrownBy(() -> engine.compute(new Work.Open(RUN, BASE, LORA)))
                .isInstanceOf(IllegalStateException.class);
        opened();
        assertThat(engine.calls("open")).hasSize(3);
    }

    @Test
    void anUnknownRunFails() {
        assertThat(engine.compute(new Work.OptimStep(RUN, ADAM)))
                .isInstanceOf(Outcome.Failed.class);
    }

    @Test
    void itTellsWhoCalled() throws Exception {
        Thread other = Thread.ofPlatform().start(this::opened);
        other.join();

        assertThat(engine.threads()).containsExactly(other);
    }

    private static Sample sample(Weights weights, int max, Set<Integer> stops) {
        return new Sample(
                weights,
                Tokens.of(1, 2),
                1,
                new SamplingSpec(max, 1, -1, 1, 7, stops, SamplingSpec.StopText.NONE),
                Sample.PromptScore.LOGPROBS,
                0);
    }
}
