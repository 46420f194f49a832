package dev.tinsmith.server.checkpoint;

import static dev.tinsmith.server.checkpoint.Stored.ANN;
import static dev.tinsmith.server.checkpoint.Stored.BOB;
import static dev.tinsmith.server.checkpoint.Stored.RUN;
import static dev.tinsmith.server.checkpoint.Stored.draft;
import static dev.tinsmith.server.checkpoint.Stored.order;
import static dev.tinsmith.server.checkpoint.Stored.text;
import static dev.tinsmith.server.checkpoint.Stored.weights;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinsmith.engine.EngineException;
import dev.tinsmith.engine.Fault;
import dev.tinsmith.engine.RunId;
import dev.tinsmith.server.future.SteppedClock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointsTest {
    private static final Duration HOUR = Duration.ofHours(1);

    @TempDir private Path data;

    private final SteppedClock clock = new SteppedClock();
    private FileStore store;
    private Checkpoints checkpoints;

    @BeforeEach
    void open() {
        store = FileStore.open(data);
        checkpoints = new Checkpoints(store, Stored::copied, clock);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private Checkpoint stored(SaveOrder order, String text) {
        clock.pass(Duration.ofSeconds(1));
        return checkpoints.store(order, draft(checkpoints.draft(), text));
    }

    private Checkpoint stored(String name) {
        return stored(order(weights(name)), name);
    }

    @Test
    void whatIsStoredIsFoundWithAllThatWasSaidOfIt() {
        Checkpoint found = stored("a");

        assertThat(checkpoints.find(ANN, weights("a"))).contains(found);
        assertThat(text(found.folder())).isEqualTo("a");
        assertThat(found.size()).isEqualTo(1);
        assertThat(found.time()).isEqualTo(clock.instant());
        assertThat(found.expires()).isEmpty();
        assertThat(found.metadata()).containsEntry("note", "a \"quoted\"\nnote");
        assertThat(found.run().metadata()).containsEntry("renderer_name", "qwen3");
    }

    @Test
    void listsBeginWithTheNewest() {
        stored("a");
        stored("b");
        stored(order(new CheckpointPath(RUN, CheckpointKind.SAMPLER_WEIGHTS, "a")), "s");
        RunId other = new RunId("6d1f:train:1");
        stored(order(new CheckpointPath(other, CheckpointKind.WEIGHTS, "c")), "c");

        assertThat(checkpoints.list(ANN))
                .extracting(found -> found.path().name())
                .containsExactly("c", "a", "b", "a");
        assertThat(checkpoints.ofRun(ANN, RUN)).hasSize(3);
    }

    @Test
    void aStrangersCheckpointIsNotThere() {
        stored("a");

        assertThat(checkpoints.find(BOB, weights("a"))).isEmpty();
        assertThat(checkpoints.list(BOB)).isEmpty();
        assertThat(checkpoints.ofRun(BOB, RUN)).isEmpty();
        assertThat(checkpoints.delete(BOB, weights("a"))).isFalse();
        assertThat(checkpoints.keep(BOB, weights("a"), Optional.of(HOUR))).isFalse();
        assertThat(checkpoints.find(ANN, weights("a"))).isPresent();
    }

    @Test
    void aTakenNameIsRefusedAndTheDraftIsGone() {
        stored("a");
        Path draft = draft(checkpoints.draft(), "second");

        assertThatThrownBy(() -> checkpoints.store(order(weights("a")), draft))
                .isInstanceOfSatisfying(
                        EngineException.class,
                        taken -> {
                            assertThat(taken.fault()).isEqualTo(Fault.USER);
                            assertThat(taken.reason())
                                    .startsWith("tinker://6d1f:train:0/weights/a exists already");
                        });
        assertThat(draft).doesNotExist();
        assertThat(text(checkpoints.find(ANN, weights("a")).orElseThrow().folder())).isEqualTo("a");
    }

    @Test
    void aTakenNameGivesWayIfTheOrderSaysSo() {
        Checkpoint first = stored("a");
        Checkpoint second = stored(order(weights("a"), true, Optional.empty()), "second");

        assertThat(checkpoints.list(ANN)).containsExactly(second);
        assertThat(text(second.folder())).isEqualTo("second");
        assertThat(second.id()).isNotEqualTo(first.id());
    }

    @Test
    void whatIsExpiredIsNotThereAndIsSwept() {
        Checkpoint found = stored(order(weights("a"), false, Optional.of(HOUR)), "a");
        assertThat(found.expires()).contains(clock.instant().plus(HOUR));

        clock.pass(HOUR.minusSeconds(1));
        assertThat(checkpoints.find(ANN, weights("a"))).isPresent();
        clock.pass(Duration.ofSeconds(1));
        assertThat(checkpoints.find(ANN, weights("a"))).isEmpty();
        assertThat(checkpoints.list(ANN)).isEmpty();
        assertThat(found.folder()).exists();

        checkpoints.sweep();
        assertThat(found.folder()).doesNotExist();
    }

    @Test
    void anExpiredNameIsFreeEvenBeforeItIsSwept() {
        stored(order(weights("a"), false, Optional.of(HOUR)), "old");
        clock.pass(HOUR);
        Checkpoint fresh = stored("a");
        checkpoints.sweep();

        assertThat(checkpoints.list(ANN)).containsExactly(fresh);
        assertThat(text(fresh.folder())).isEqualTo("a");
    }

    @Test
    void anEndCanBeSetMovedAndTakenBack() {
        stored("a");
        assertThat(checkpoints.keep(ANN, weights("a"), Optional.of(HOUR))).isTrue();
        clock.pass(Duration.ofMinutes(59));
        assertThat(checkpoints.keep(ANN, weights("a"), Optional.of(HOUR))).isTrue();
        clock.pass(Duration.ofMinutes(59));
        assertThat(checkpoints.keep(ANN, weights("a"), Optional.empty())).isTrue();
        clock.pass(Duration.ofDays(4000));
        checkpoints.sweep();

        assertThat(checkpoints.find(ANN, weights("a"))).isPresent();
        assertThat(checkpoints.keep(ANN, weights("b"), Optional.empty())).isFalse();
    }

    @Test
    void whatIsDeletedIsGone() {
        Checkpoint found = stored("a");

        assertThat(checkpoints.delete(ANN, weights("a"))).isTrue();
        assertThat(checkpoints.delete(ANN, weights("a"))).isFalse();
        assertThat(checkpoints.list(ANN)).isEmpty();
        assertThat(found.folder()).doesNotExist();
        assertThat(data.resolve("checkpoints/6d1f%3Atrain%3A0")).doesNotExist();
    }

    @Test
    void whoHoldsACheckpointKeepsItsFilesUntilTheLastLetsGo() {
        Checkpoint found = stored("a");
        Pin one = checkpoints.pin(found);
        Pin other = checkpoints.pin(found);
        assertThat(other.folder()).isEqualTo(one.folder());

        checkpoints.delete(ANN, weights("a"));
        one.close();
        one.close();
        assertThat(text(other.folder())).isEqualTo("a");
        other.close();
        assertThat(other.folder()).doesNotExist();
    }

    @Test
    void aNameUsedAgainIsAnotherFolderForWhoHoldsIt() {
        Pin old = checkpoints.pin(stored("a"));
        Checkpoint second = stored(order(weights("a"), true, Optional.empty()), "second");
        try (Pin fresh = checkpoints.pin(second)) {
            assertThat(fresh.folder()).isNotEqualTo(old.folder());
            assertThat(text(fresh.folder())).isEqualTo("second");
            assertThat(text(old.folder())).isEqualTo("a");
        }
        old.close();
    }

    @Test
    void whatIsGoneCannotBeHeld() {
        Checkpoint found = stored("a");
        checkpoints.delete(ANN, weights("a"));

        assertThatThrownBy(() -> checkpoints.pin(found))
                .isInstanceOf(EngineException.class)
                .hasMessage("tinker://6d1f:train:0/weights/a is no longer there");
    }

    @Test
    void externalWeightsAreStoredInTheirExternalForm() {
        Checkpoint found =
                stored(order(new CheckpointPath(RUN, CheckpointKind.EXTERNAL_WEIGHTS, "a")), "x");

        assertThat(found.folder().toFile().list())
                .containsExactlyInAnyOrder("adapter", "base", "checkpoint.json");
        assertThat(data.resolve("checkpoints/.drafts")).isEmptyDirectory();
    }

    @Test
    void aStoreThatFailsIsTheServersFaultAndLeavesNothing() throws Exception {
        Checkpoints broken =
                new Checkpoints(
                        store,
                        (_, _, _) -> {
                            throw new IllegalStateException("/secret/path");
                        },
                        clock);
        Path draft = draft(broken.draft(), "a");
        SaveOrder order = order(new CheckpointPath(RUN, CheckpointKind.EXTERNAL_WEIGHTS, "a"));

        assertThatThrownBy(() -> broken.store(order, draft))
                .isInstanceOfSatisfying(
                        EngineException.class,
                        failure -> {
                            assertThat(failure.fault()).isEqualTo(Fault.SERVER);
                            assertThat(failure.reason()).doesNotContain("secret");
                        });
        assertThat(data.resolve("checkpoints/.drafts")).isEmptyDirectory();
        assertThat(broken.list(ANN)).isEmpty();
        assertThat(Files.exists(data.resolve("checkpoints/6d1f%3Atrain%3A0"))).isFalse();
    }

    @Test
    void aRestartKnowsWhatWasStored() {
        stored("a");
        stored(order(weights("b"), false, Optional.of(HOUR)), "b");
        List<Checkpoint> before = checkpoints.list(ANN);
        close();
        open();

        assertThat(checkpoints.list(ANN)).isEqualTo(before);
        clock.pass(HOUR);
        assertThat(checkpoints.list(ANN)).hasSize(1);
    }
}
