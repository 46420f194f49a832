package dev.tinsmith.server.sampling;

import static dev.tinsmith.server.queue.Bench.ANN;
import static dev.tinsmith.server.queue.Bench.BASE;
import static dev.tinsmith.server.queue.Bench.LORA;
import static dev.tinsmith.server.queue.Bench.pass;
import static dev.tinsmith.server.queue.Bench.step;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinsmith.engine.EngineException;
import dev.tinsmith.engine.Fault;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.Weights;
import dev.tinsmith.server.checkpoint.Checkpoint;
import dev.tinsmith.server.checkpoint.CheckpointKind;
import dev.tinsmith.server.checkpoint.CheckpointPath;
import dev.tinsmith.server.checkpoint.Checkpoints;
import dev.tinsmith.server.checkpoint.FileStore;
import dev.tinsmith.server.checkpoint.Stored;
import dev.tinsmith.server.database.Blank;
import dev.tinsmith.server.future.FutureId;
import dev.tinsmith.server.future.FutureState;
import dev.tinsmith.server.future.MissingException;
import dev.tinsmith.server.future.Owner;
import dev.tinsmith.server.queue.Bench;
import dev.tinsmith.server.queue.BusyException;
import dev.tinsmith.server.queue.Saving;
import dev.tinsmith.server.run.NewRun;
import dev.tinsmith.server.run.Run;
import dev.tinsmith.server.run.RunTable;
import dev.tinsmith.server.run.Runs;
import dev.tinsmith.server.run.SessionId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SamplersTest {
    private static final Owner BOB = new Owner("bob");
    private static final SessionId SESSION = new SessionId("6d1f");

    @TempDir private Path data;

    private final Bench bench = new Bench(2);
    private FileStore store;
    private Checkpoints checkpoints;
    private Samplers samplers;
    private Run run;
    private long next = 1;

    @BeforeEach
    void open() {
        store = FileStore.open(data);
        checkpoints = new Checkpoints(store, Stored::copied, bench.clock);
        samplers = new Samplers(bench.samples, checkpoints, new SamplerTable(Blank.database()));
        Runs runs =
                new Runs(bench.commons(), checkpoints, new RunTable(Blank.database()), bench.clock);
        FutureId _ = runs.create(new NewRun(ANN, SESSION, 0, "p", BASE, LORA, new TreeMap<>()));
        run = runs.ownedBy(ANN, SESSION.run(0));
    }

    @AfterEach
    void close() {
        bench.close();
        store.close();
    }

    private void trained() {
        String name = run.id().value();
        FutureId _ = run.lane().submit(next, "pass " + next++, pass(name));
        FutureId _ = run.lane().submit(next, "step " + next++, step(name));
    }

    private Sampler snapshot(long number, SnapshotKind kind) {
        FutureId id =
                run.lane().submit(next, "snapshot " + next++, samplers.snapshot(run, number, kind));
        assertThat(bench.end(id)).isEqualTo(new FutureState.Ready(new Outcome.Done()));
        return samplers.find(ANN, samplers.named(run, number));
    }

    private Checkpoint saved(String name) {
        CheckpointPath path = new CheckpointPath(run.id(), CheckpointKind.SAMPLER_WEIGHTS, name);
        FutureId id =
                run.lane()
                        .submit(
                                next,
                                "save " + next++,
                                new Saving(
                                        run.id(),
                                        run.saving(
                                                1, path, false, new TreeMap<>(), Optional.empty()),
                                        checkpoints));
        assertThat(bench.end(id)).isInstanceOf(FutureState.Ready.class);
        return checkpoints.find(ANN, path).orElseThrow();
    }

    private FutureState drawn(Sampler sampler, long sequence) {
        return bench.end(
                samplers.draw(
                        sampler, sequence, Optional.empty(), weights -> Bench.sample(weights, 6)));
    }

    private List<String> unnamed() throws IOException {
        try (Stream<Path> drafts = Files.list(data.resolve("checkpoints/.held"))) {
            return drafts.map(Path::toString).toList();
        }
    }

    @Test
    void aSamplerOfABaseDrawsFromTheBase() {
        Sampler sampler = samplers.ofBase(ANN, SESSION, 0, BASE);

        assertThat(sampler.id()).hasToString("6d1f:sample:0");
        assertThat(sampler.base()).isEqualTo(BASE);
        assertThat(sampler.path()).isEmpty();
        assertThat(drawn(sampler, 0)).isInstanceOf(FutureState.Ready.class);
        assertThat(bench.futures.knows(new FutureId("6d1f:sample:0:0"))).isTrue();
    }

    @Test
    void theSameNumberIsTheSameSampler() {
        Sampler first = samplers.ofBase(ANN, SESSION, 0, BASE);

        assertThat(samplers.ofBase(ANN, SESSION, 0, BASE)).isSameAs(first);
        assertThat(samplers.find(ANN, first.id())).isSameAs(first);
        assertThat(samplers.ofBase(ANN, SESSION, 1, BASE)).isNotSameAs(first);
    }

    @Test
    void aSampleThatComesAgainIsDrawnOnce() {
        Sampler sampler = samplers.ofBase(ANN, SESSION, 0, BASE);

        assertThat(drawn(sampler, 3)).isEqualTo(drawn(sampler, 3));
        assertThat(bench.engine.calls("admit")).hasSize(1);
    }

    @Test
    void aStrangersSamplerIsNotThere() {
        Sampler sampler = samplers.ofBase(ANN, SESSION, 0, BASE);

        assertThatThrownBy(() -> samplers.find(BOB, sampler.id()))
                .isInstanceOf(MissingException.class)
                .hasMessage("there is no sampling session '6d1f:sample:0'");
        assertThatThrownBy(() -> samplers.ofBase(BOB, SESSION, 0, BASE))
                .isInstanceOf(MissingException.class);
    }

    @Test
    void aSamplerKeepsTheWeightsOfACheckpointThatIsDeleted() {
        Checkpoint checkpoint = saved("a");
        Sampler sampler = samplers.ofCheckpoint(ANN, SESSION, 0, BASE, checkpoint);
        FutureState before = drawn(sampler, 0);
        checkpoints.delete(ANN, checkpoint.path());
        trained();
        Checkpoint second = saved("a");

        assertThat(sampler.path()).contains(checkpoint.path());
        assertThat(drawn(sampler, 1)).isEqualTo(before);
        assertThat(drawn(samplers.ofCheckpoint(ANN, SESSION, 1, BASE, second), 0))
                .isNotEqualTo(before);
    }

    @Test
    void whenTheirSessionIsClosedSamplersLetGoOfTheirCheckpoints() {
        Sampler sampler = samplers.ofCheckpoint(ANN, SESSION, 0, BASE, saved("a"));
        assertThat(data.resolve("checkpoints/.pins")).isNotEmptyDirectory();
        samplers.closeAll(SESSION);

        assertThat(data.resolve("checkpoints/.pins")).isEmptyDirectory();
        assertThatThrownBy(() -> drawn(sampler, 0)).isInstanceOf(MissingException.class);
        assertThatThrownBy(() -> samplers.find(ANN, sampler.id()))
                .isInstanceOf(MissingException.class);
        assertThat(checkpoints.list(ANN)).hasSize(1);
    }

    @Test
    void aSnapshotKeepsItsWeightsWhileTheRunGoesOn() {
        Sampler first = snapshot(0, SnapshotKind.SNAPSHOT);
        FutureState before = drawn(first, 0);
        trained();
        Sampler second = snapshot(1, SnapshotKind.SNAPSHOT);

        assertThat(drawn(first, 1)).isEqualTo(before);
        assertThat(drawn(second, 0)).isNotEqualTo(before);
        assertThat(checkpoints.list(ANN)).isEmpty();
    }

    @Test
    void inflightSamplersAllDrawFromTheNewestWeights() throws IOException {
        Sampler first = snapshot(0, SnapshotKind.INFLIGHT);
        FutureState before = drawn(first, 0);
        trained();
        Sampler second = snapshot(1, SnapshotKind.INFLIGHT);
        FutureState after = drawn(second, 0);

        assertThat(after).isNotEqualTo(before);
        assertThat(drawn(first, 1)).isEqualTo(after);
        assertThat(unnamed()).hasSize(1);
    }

    @Test
    void aSampleUnderWayKeepsTheWeightsItBeganWith() throws IOException {
        Sampler sampler = snapshot(0, SnapshotKind.INFLIGHT);
        FutureId long1 =
                samplers.draw(
                        sampler, 0, Optional.empty(), weights -> Bench.sample(weights, 1_000_000));
        snapshot(1, SnapshotKind.INFLIGHT);
        assertThat(unnamed()).hasSize(2);
        bench.samples.abandon(long1);

        assertThat(bench.end(long1)).isInstanceOf(FutureState.Failed.class);
        Bench.until(() -> bench.counters.read().waitingSamples() == 0);
        assertThat(drawn(sampler, 1)).isInstanceOf(FutureState.Ready.class);
        assertThat(unnamed()).hasSize(1);
    }

    @Test
    void snapshotsAreDeletedWithTheirSession() throws IOException {
        snapshot(0, SnapshotKind.SNAPSHOT);
        snapshot(1, SnapshotKind.INFLIGHT);
        snapshot(2, SnapshotKind.INFLIGHT);
        assertThat(unnamed()).hasSize(2);
        samplers.closeAll(new SessionId("other"));
        assertThat(unnamed()).hasSize(2);
        samplers.closeAll(SESSION);

        assertThat(unnamed()).isEmpty();
    }

    @Test
    void aSnapshotThatIsDoneAfterItsSessionWasClosedLeavesNothing() throws IOException {
        samplers.closeAll(SESSION);
        FutureId id =
                run.lane().submit(1, "late", samplers.snapshot(run, 0, SnapshotKind.SNAPSHOT));

        assertThat(bench.end(id)).isInstanceOf(FutureState.Failed.class);
        assertThat(unnamed()).isEmpty();
    }

    @Test
    void aSnapshotThatFailsMakesNoSampler() throws IOException {
        bench.end(FutureId.of(run.id(), 0));
        bench.engine.next(() -> new Outcome.Failed(Fault.SERVER, "the disk is full"));
        FutureId id =
                run.lane().submit(1, "fails", samplers.snapshot(run, 0, SnapshotKind.SNAPSHOT));

        assertThat(bench.end(id))
                .isEqualTo(new FutureState.Failed(Fault.SERVER, "the disk is full"));
        assertThat(unnamed()).isEmpty();
        assertThatThrownBy(() -> samplers.find(ANN, samplers.named(run, 0)))
                .isInstanceOf(MissingException.class);
    }

    @Test
    void aSampleThatIsRefusedLetsGoOfTheWeights() throws IOException {
        Sampler sampler = snapshot(0, SnapshotKind.SNAPSHOT);
        assertThatThrownBy(() ->
                        samplers.draw(
                                sampler,
                                0,
                                Optional.empty(),
                                _ -> {
                                    throw new IllegalArgumentException("prompt is empty");
                                }))
                .hasMessage("prompt is empty");
        FutureId one =
                samplers.draw(
                        sampler, 1, Optional.empty(), weights -> Bench.sample(weights, 1_000_000));
        FutureId two =
                samplers.draw(
                        sampler, 2, Optional.empty(), weights -> Bench.sample(weights, 1_000_000));
        assertThatThrownBy(() -> drawn(sampler, 3)).isInstanceOf(BusyException.class);
        samplers.closeAll(SESSION);
        assertThat(unnamed()).hasSize(1);
        bench.samples.abandon(one);
        bench.samples.abandon(two);
        Bench.until(() -> bench.futures.await(ANN, two, Bench.SOON).isPresent());
        Bench.until(() -> !Files.exists(Path.of(adapted(one, sampler))));

        assertThat(unnamed()).isEmpty();
    }

    private static String adapted(FutureId one, Sampler sampler) {
        assertThat(one.value()).startsWith(sampler.id().value());
        return ((Weights.Adapted) sampler.source().newest().weights()).folder().toString();
    }

    @Test
    void aCheckpointThatIsGoneMakesNoSampler() {
        Checkpoint checkpoint = saved("a");
        checkpoints.delete(ANN, checkpoint.path());

        assertThatThrownBy(() -> samplers.ofCheckpoint(ANN, SESSION, 0, BASE, checkpoint))
                .isInstanceOf(EngineException.class)
                .hasMessageContaining("is no longer there");
    }

    @Test
    void numbersAndKindsThatCannotBeAreRefused() {
        Sampler sampler = samplers.ofBase(ANN, SESSION, 0, BASE);

        assertThatThrownBy(() -> drawn(sampler, -1))
                .hasMessage("seq_id is -1; it must be at least 0");
        assertThatThrownBy(() -> samplers.ofBase(ANN, SESSION, -1, BASE))
                .hasMessage("sampling_session_seq_id is -1; it must be at least 0");
        assertThat(SnapshotKind.of("inflight")).contains(SnapshotKind.INFLIGHT);
        assertThat(SnapshotKind.of("snapshot")).contains(SnapshotKind.SNAPSHOT);
        assertThat(SnapshotKind.of("INFLIGHT")).isEmpty();
    }
}
