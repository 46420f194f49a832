package dev.tinsmith.server.run;

import static dev.tinsmith.server.queue.Bench.ANN;
import static dev.tinsmith.server.queue.Bench.BASE;
import static dev.tinsmith.server.queue.Bench.LORA;
import static dev.tinsmith.server.queue.Bench.pass;
import static dev.tinsmith.server.queue.Bench.step;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinsmith.engine.Base;
import dev.tinsmith.engine.Fault;
import dev.tinsmith.engine.LoraSpec;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.RunId;
import dev.tinsmith.engine.format.AdapterFolder;
import dev.tinsmith.server.checkpoint.Checkpoint;
import dev.tinsmith.server.checkpoint.CheckpointKind;
import dev.tinsmith.server.checkpoint.CheckpointPath;
import dev.tinsmith.server.checkpoint.Checkpoints;
import dev.tinsmith.server.checkpoint.ExternalForm;
import dev.tinsmith.server.checkpoint.FileStore;
import dev.tinsmith.server.database.Blank;
import dev.tinsmith.server.future.FutureId;
import dev.tinsmith.server.future.FutureState;
import dev.tinsmith.server.future.MissingException;
import dev.tinsmith.server.future.Owner;
import dev.tinsmith.server.queue.Bench;
import dev.tinsmith.server.queue.Saving;
import dev.tinsmith.server.queue.SequenceReusedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunsTest {
    private static final Owner BOB = new Owner("bob");
    private static final SessionId SESSION = new SessionId("6d1f");
    private static final RunId RUN = SESSION.run(0);
    private static final SortedMap<String, String> METADATA =
            new TreeMap<>(Map.of("renderer_name", "qwen3"));

    @TempDir private Path data;

    private final Bench bench = new Bench();
    private FileStore store;
    private Checkpoints checkpoints;
    private Runs runs;

    @BeforeEach
    void open() {
        store = FileStore.open(data);
        checkpoints = new Checkpoints(store, ExternalForm.peft(), bench.clock);
        runs = new Runs(bench.commons(), checkpoints, new RunTable(Blank.database()), bench.clock);
    }

    @AfterEach
    void close() {
        bench.close();
        store.close();
    }

    private void restart() {
        store.close();
        open();
    }

    private static NewRun asked(Owner owner, SessionId session, long number) {
        return new NewRun(owner, session, number, "print", BASE, LORA, METADATA);
    }

    private Run made() {
        assertThat(bench.end(runs.create(asked(ANN, SESSION, 0))))
                .isEqualTo(new FutureState.Ready(new Outcome.Done()));
        return runs.ownedBy(ANN, RUN);
    }

    private static CheckpointPath path(String name) {
        return new CheckpointPath(RUN, CheckpointKind.WEIGHTS, name);
    }

    private FutureState saved(Run run, long sequence, CheckpointPath path) {
        return bench.end(
                run.lane()
                        .submit(
                                sequence,
                                "save " + sequence,
                                new Saving(
                                        run.id(),
                                        run.saving(
                                                sequence,
                                                path,
                                                false,
                                                new TreeMap<>(),
                                                Optional.empty()),
                                        checkpoints)));
    }

    private FutureState worked(Run run, long sequence) {
        FutureId pass = run.lane().submit(sequence, "pass", pass(run.id().value()));
        FutureId _ = run.lane().submit(sequence + 1, "step", step(run.id().value()));
        return bench.end(pass);
    }

    @Test
    void aRunHasTheNameThatItsClientComputes() {
        Run run = made();

        assertThat(run.id()).hasToString("6d1f:train:0");
        assertThat(run.base()).isEqualTo(BASE);
        assertThat(run.lora()).isEqualTo(LORA);
        assertThat(run.metadata()).isEqualTo(METADATA);
        assertThat(worked(run, 1)).isInstanceOf(FutureState.Ready.class);
    }

    @Test
    void theSameRequestMakesOneRunEvenIfTheSeedWasDrawnAnew() {
        Run first = made();
        NewRun again =
                new NewRun(
                        ANN,
                        SESSION,
                        0,
                        "print",
                        BASE,
                        new LoraSpec(8, 99, true, true, true),
                        METADATA);

        assertThat(runs.create(again)).isEqualTo(FutureId.of(RUN, 0));
        assertThat(runs.ownedBy(ANN, RUN)).isSameAs(first);
        assertThat(first.lora()).isEqualTo(LORA);
        assertThat(bench.engine.calls("open")).hasSize(1);
    }

    @Test
    void anotherRequestUnderTheSameNumberIsRefused() {
        made();
        NewRun other = new NewRun(ANN, SESSION, 0, "other", BASE, LORA, METADATA);

        assertThatThrownBy(() -> runs.create(other)).isInstanceOf(SequenceReusedException.class);
    }

    @Test
    void aStrangersRunIsNotThere() {
        Run run = made();
        assertThat(saved(run, 1, path("a"))).isInstanceOf(FutureState.Ready.class);

        assertThatThrownBy(() -> runs.ownedBy(BOB, RUN))
                .isInstanceOf(MissingException.class)
                .hasMessage("there is no training run '6d1f:train:0'");
        assertThatThrownBy(() -> runs.facts(BOB, RUN)).isInstanceOf(MissingException.class);
        assertThatThrownBy(() -> runs.create(asked(BOB, SESSION, 0)))
                .isInstanceOf(MissingException.class);
        assertThat(runs.list(BOB)).isEmpty();
        assertThat(bench.futures.await(BOB, FutureId.of(RUN, 1), Duration.ZERO)).isEmpty();
        restart();
        assertThatThrownBy(() -> runs.facts(BOB, RUN)).isInstanceOf(MissingException.class);
        assertThat(runs.list(BOB)).isEmpty();
    }

    @Test
    void askingForARunCountsAsARequest() {
        Run run = made();
        bench.clock.pass(Duration.ofMinutes(3));
        assertThat(run.lastRequest()).isBefore(bench.clock.instant());

        assertThat(runs.ownedBy(ANN, RUN).lastRequest()).isEqualTo(bench.clock.instant());
        assertThat(runs.facts(ANN, RUN).lastRequest()).isEqualTo(bench.clock.instant());
    }

    @Test
    void listsBeginWithTheRunLastUsed() {
        made();
        bench.clock.pass(Duration.ofSeconds(1));
        FutureId _ = runs.create(asked(ANN, SESSION, 1));
        bench.clock.pass(Duration.ofSeconds(1));
        FutureId _ = runs.create(asked(ANN, new SessionId("other"), 0));
        bench.clock.pass(Duration.ofSeconds(1));
        Run _ = runs.ownedBy(ANN, RUN);

        assertThat(runs.list(ANN))
                .extracting(facts -> facts.id().value())
                .containsExactly("6d1f:train:0", "other:train:0", "6d1f:train:1");
    }

    @Test
    void aCheckpointIsThereWhenTheClientIsToldSo() {
        Run run = made();
        assertThat(worked(run, 1)).isInstanceOf(FutureState.Ready.class);

        assertThat(saved(run, 3, path("a"))).isEqualTo(new FutureState.Ready(new Outcome.Done()));
        Checkpoint kept = checkpoints.find(ANN, path("a")).orElseThrow();
        assertThat(kept.folder().toFile().list())
                .contains("adapter_config.json", "optimizer.safetensors", "checkpoint.json");
        assertThat(kept.run().metadata()).isEqualTo(METADATA);
    }

    @Test
    void weightsForSamplingHaveNoOptimizer() {
        Run run = made();
        CheckpointPath path = new CheckpointPath(RUN, CheckpointKind.SAMPLER_WEIGHTS, "a");
        assertThat(saved(run, 1, path)).isInstanceOf(FutureState.Ready.class);

        assertThat(checkpoints.find(ANN, path).orElseThrow().folder().toFile().list())
                .doesNotContain("optimizer.safetensors");
    }

    @Test
    void externalWeightsAreWhatPeftReadsAndNothingElse() throws Exception {
        Run run = made();
        CheckpointPath path = new CheckpointPath(RUN, CheckpointKind.EXTERNAL_WEIGHTS, "a");
        assertThat(saved(run, 1, path)).isInstanceOf(FutureState.Ready.class);
        Path folder = checkpoints.find(ANN, path).orElseThrow().folder();

        assertThat(folder.toFile().list())
                .containsExactlyInAnyOrder(
                        "adapter_config.json", "adapter_model.safetensors", "checkpoint.json");
        assertThat(Files.readString(folder.resolve("adapter_config.json")))
                .contains("\"base_model_name_or_path\"", "org/tiny")
                .doesNotContain("tinsmith");
        try (AdapterFolder adapter = AdapterFolder.open(folder)) {
            assertThat(adapter.config().lora().rank()).isEqualTo(LORA.rank());
            assertThat(adapter.modules()).contains("lm_head", "model.layers.0.mlp.up_proj");
        }
    }

    @Test
    void aTakenNameFailsTheSaveButASaveThatComesAgainDoesNot() {
        Run run = made();
        assertThat(saved(run, 1, path("a"))).isInstanceOf(FutureState.Ready.class);

        assertThat(saved(run, 1, path("a"))).isInstanceOf(FutureState.Ready.class);
        assertThat(saved(run, 2, path("a")))
                .isInstanceOfSatisfying(
                        FutureState.Failed.class,
                        failed -> {
                            assertThat(failed.fault()).isEqualTo(Fault.USER);
                            assertThat(failed.reason()).contains("exists already");
                        });
        assertThat(bench.engine.calls("save")).hasSize(1);
        assertThat(worked(run, 3)).isInstanceOf(FutureState.Ready.class);
    }

    @Test
    void aSaveThatFailsLeavesNothing() {
        Run run = made();
        bench.engine.next(() -> new Outcome.Failed(Fault.SERVER, "the disk is full"));

        assertThat(saved(run, 1, path("a")))
                .isEqualTo(new FutureState.Failed(Fault.SERVER, "the disk is full"));
        assertThat(checkpoints.list(ANN)).isEmpty();
        assertThat(data.resolve("checkpoints/.drafts")).isEmptyDirectory();
    }

    @Test
    void aPathOfAnotherRunIsRefused() {
        Run run = made();
        CheckpointPath other = new CheckpointPath(SESSION.run(7), CheckpointKind.WEIGHTS, "a");

        assertThatThrownBy(() -> run.saving(1, other, false, new TreeMap<>(), Optional.empty()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("is of another run");
    }

    @Test
    void aRunGoesBackToItsCheckpoint() {
        Run run = made();
        assertThat(worked(run, 1)).isInstanceOf(FutureState.Ready.class);
        assertThat(saved(run, 3, path("a"))).isInstanceOf(FutureState.Ready.class);
        FutureState expected = worked(run, 4);
        FutureId load = run.lane().submit(6, "load", run.restoring(path("a"), true, checkpoints));

        assertThat(bench.end(load)).isEqualTo(new FutureState.Ready(new Outcome.Loaded(LORA)));
        assertThat(worked(run, 7)).isEqualTo(expected);
        assertThat(data.resolve("checkpoints/.pins")).isEmptyDirectory();
    }

    @Test
    void aNewRunGoesOnFromACheckpointEvenAfterARestart() {
        Run run = made();
        assertThat(worked(run, 1)).isInstanceOf(FutureState.Ready.class);
        assertThat(saved(run, 3, path("a"))).isInstanceOf(FutureState.Ready.class);
        FutureState expected = worked(run, 4);
        restart();
        NewRun again = asked(ANN, new SessionId("second"), 0);

        assertThat(bench.end(runs.restore(again, path("a"), true)))
                .isEqualTo(new FutureState.Ready(new Outcome.Loaded(LORA)));
        assertThat(runs.restore(again, path("a"), true)).isEqualTo(FutureId.of(again.id(), 0));
        assertThat(worked(runs.ownedBy(ANN, again.id()), 1)).isEqualTo(expected);
    }

    @Test
    void aCheckpointThatIsGoneWhenItsTurnComesFailsTheLoad() {
        Run run = made();
        FutureId load =
                run.lane().submit(1, "load", run.restoring(path("never"), true, checkpoints));

        assertThat(bench.end(load))
                .isEqualTo(
                        new FutureState.Failed(
                                Fault.USER,
                                "there is no checkpoint tinker://6d1f:train:0/weights/never"));
    }

    @Test
    void aCheckpointOfAnotherShapeOrBaseIsNotLoadedIntoARun() {
        Run run = made();
        assertThat(saved(run, 1, path("a"))).isInstanceOf(FutureState.Ready.class);
        LoraSpec wider = new LoraSpec(16, 1, true, true, true);
        Base otherBase = new Base("org/other", Path.of("other"));
        Run wide = made(new NewRun(ANN, SESSION, 1, "p", BASE, wider, METADATA));
        Run other = made(new NewRun(ANN, SESSION, 2, "p", otherBase, LORA, METADATA));

        assertThat(
                        bench.end(
                                wide.lane()
                                        .submit(
                                                1,
                                                "l",
                                                wide.restoring(path("a"), true, checkpoints))))
                .isEqualTo(
                        new FutureState.Failed(
                                Fault.USER,
                                "tinker://6d1f:train:0/weights/a was trained as rank 8, train_attn true, train_mlp true, train_unembed true, and this run as rank 16, train_attn true, train_mlp true, train_unembed true; make a new run from it instead"));
        assertThat(
                        bench.end(
                                other.lane()
                                        .submit(
                                                1,
                                                "l",
                                                other.restoring(path("a"), true, checkpoints))))
                .isInstanceOfSatisfying(
                        FutureState.Failed.class,
                        failed ->
                                assertThat(failed.reason())
                                        .contains("of the base model 'org/tiny'", "'org/other'"));
        assertThat(bench.engine.calls("load")).isEmpty();
    }

    private Run made(NewRun asked) {
        assertThat(bench.end(runs.create(asked))).isInstanceOf(FutureState.Ready.class);
        return runs.ownedBy(ANN, asked.id());
    }

    @Test
    void aStrangersCheckpointCannotBeLoaded() {
        Run run = made();
        assertThat(saved(run, 1, path("a"))).isInstanceOf(FutureState.Ready.class);
        NewRun thief = asked(BOB, new SessionId("bobs"), 0);
        FutureId load = runs.restore(thief, path("a"), false);

        assertThat(bench.futures.await(BOB, load, Bench.SOON))
                .contains(
                        new FutureState.Failed(
                                Fault.USER,
                                "there is no checkpoint tinker://6d1f:train:0/weights/a"));
    }

    @Test
    void theRunsOfASessionThatIsOverAreClosedAndRemembered() {
        Run run = made();
        FutureId _ = runs.create(asked(ANN, new SessionId("other"), 0));
        runs.closeAll(SESSION);

        assertThatThrownBy(() -> runs.ownedBy(ANN, RUN))
                .isInstanceOf(MissingException.class)
                .hasMessageContaining("is closed, since its session is over");
        assertThatThrownBy(() -> runs.ownedBy(BOB, RUN))
                .hasMessage("there is no training run '6d1f:train:0'");
        assertThatThrownBy(() -> runs.create(asked(ANN, SESSION, 0)))
                .hasMessageContaining("is closed");
        assertThat(runs.facts(ANN, RUN)).isEqualTo(run.facts());
        assertThat(runs.list(ANN)).hasSize(2);
        Bench.until(() -> bench.engine.calls().contains("close 6d1f:train:0"));
        assertThat(bench.engine.calls("close")).hasSize(1);
    }

    @Test
    void aRunOfAnEarlierLifeIsKnownByItsCheckpoints() {
        Run run = made();
        bench.clock.pass(Duration.ofMinutes(1));
        assertThat(saved(run, 1, path("a"))).isInstanceOf(FutureState.Ready.class);
        bench.clock.pass(Duration.ofMinutes(1));
        assertThat(saved(run, 2, path("b"))).isInstanceOf(FutureState.Ready.class);
        RunFacts facts =
                new RunFacts(
                        RUN, ANN, "org/tiny", LORA, run.created(), bench.clock.instant(), METADATA);
        restart();

        assertThat(runs.facts(ANN, RUN)).isEqualTo(facts);
        assertThat(runs.list(ANN)).containsExactly(facts);
        assertThatThrownBy(() -> runs.ownedBy(ANN, RUN)).isInstanceOf(MissingException.class);
        assertThatThrownBy(() -> runs.facts(ANN, new RunId("never")))
                .isInstanceOf(MissingException.class);
    }

    @Test
    void namesThatCannotBeAreRefused() {
        assertThatThrownBy(() -> new SessionId("a/b")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new SessionId(" ")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> asked(ANN, SESSION, -1))
                .hasMessage("model_seq_id is -1; it must be at least 0");
    }
}
