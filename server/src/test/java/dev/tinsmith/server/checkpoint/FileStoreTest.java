package dev.tinsmith.server.checkpoint;

import static dev.tinsmith.server.checkpoint.Stored.draft;
import static dev.tinsmith.server.checkpoint.Stored.text;
import static dev.tinsmith.server.checkpoint.Stored.weights;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileStoreTest {
    @TempDir private Path data;

    private FileStore store;

    @BeforeEach
    void open() {
        store = FileStore.open(data);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private void restart() {
        close();
        open();
    }

    private Checkpoint put(String name, String text) {
        return store.put(
                new Checkpoint(
                        UUID.randomUUID().toString(),
                        weights(name),
                        Path.of("unknown"),
                        Stored.ANN,
                        "org/tiny",
                        Stored.LORA,
                        Instant.parse("2026-11-24T12:00:00Z"),
                        -1,
                        new TreeMap<>(),
                        Optional.empty(),
                        false,
                        new Checkpoint.Origin(Stored.CREATED, new TreeMap<>(), Optional.of(7L))),
                draft(store.draft(), text));
    }

    @Test
    void aCheckpointLiesUnderItsRunItsKindAndItsName() {
        Checkpoint stored = put("a", "text");

        assertThat(stored.folder())
                .isEqualTo(data.resolve("checkpoints/6d1f%3Atrain%3A0/weights/a"));
        assertThat(stored.size()).isEqualTo(4);
        assertThat(store.list()).containsExactly(stored);
    }

    @Test
    void checkpointsAreListedWithoutAServerAndBesideOne() {
        Checkpoint stored = put("a", "text");
        assertThat(FileStore.list(data)).containsExactly(stored);
        close();

        assertThat(FileStore.list(data)).containsExactly(stored);
        open();
    }

    @Test
    void aDirectoryWithoutCheckpointsHasNone() {
        assertThat(FileStore.list(data.resolve("nowhere"))).isEmpty();
    }

    @Test
    void whatACrashLeftHalfWrittenIsClearedAwayAndNeverListed() throws IOException {
        Path half = draft(store.draft(), "half");
        assertThat(store.list()).isEmpty();
        restart();

        assertThat(half).doesNotExist();
        assertThat(store.list()).isEmpty();
    }

    @Test
    void aCrashWhileOverwritingBringsTheOldOneBack() throws IOException {
        Checkpoint old = put("a", "old");
        Files.move(old.folder(), data.resolve("checkpoints/.replaced/x"));
        Path half = draft(store.draft(), "half");
        restart();

        assertThat(store.list()).containsExactly(old);
        assertThat(text(old.folder())).isEqualTo("old");
        assertThat(half).doesNotExist();
    }

    @Test
    void aCrashJustAfterOverwritingKeepsTheNewOne() throws IOException {
        Checkpoint old = put("a", "old");
        Path aside = data.resolve("checkpoints/.replaced/x");
        Files.move(old.folder(), aside);
        Checkpoint fresh = put("a", "new");
        restart();

        assertThat(store.list()).containsExactly(fresh);
        assertThat(aside).doesNotExist();
    }

    @Test
    void damagedDirectoriesAreSkippedAndTheOthersListed() throws IOException {
        Checkpoint good = put("good", "good");
        Files.delete(put("untold", "x").folder().resolve("checkpoint.json"));
        Files.writeString(put("nonsense", "x").folder().resolve("checkpoint.json"), "{nonsense");
        Files.writeString(put("cut", "cut short").folder().resolve("adapter"), "cut");
        Files.delete(put("empty", "x").folder().resolve("adapter"));
        Path json = put("newer", "x").folder().resolve("checkpoint.json");
        Files.writeString(
                json, Files.readString(json).replace("\"version\" : 1", "\"version\" : 2"));
        Files.writeString(data.resolve("checkpoints/stray"), "a file");
        restart();

        assertThat(store.list()).containsExactly(good);
    }

    @Test
    void aDirectoryThatWasMovedByHandIsSkipped() throws IOException {
        Checkpoint stored = put("a", "x");
        Files.move(stored.folder(), stored.folder().resolveSibling("b"));

        assertThat(store.list()).isEmpty();
    }

    @Test
    void aLinkOutOfTheDirectoryIsNotFollowed() throws IOException {
        Checkpoint stored = put("a", "x");
        Path outside = Files.createDirectory(data.resolve("outside"));
        Files.move(stored.folder(), outside.resolve("a"));
        Files.createSymbolicLink(stored.folder(), outside.resolve("a"));

        assertThat(store.list()).isEmpty();
    }

    @Test
    void aNewEndSurvivesARestart() {
        Instant end = Instant.parse("2030-01-01T00:00:00Z");
        Checkpoint kept = store.update(put("a", "x").expiring(Optional.of(end)));
        restart();

        assertThat(store.list()).containsExactly(kept);
        assertThat(store.list().getFirst().expires()).contains(end);
    }

    @Test
    void heldFilesSurviveTheirCheckpointAndARestartIfSomebodyNeedsThem() {
        Checkpoint stored = put("a", "x");
        Path pin = store.pin(stored).orElseThrow();
        store.remove(stored.path());
        assertThat(text(pin)).isEqualTo("x");
        assertThat(store.pin(stored)).isEmpty();
        restart();
        String name = store.nameOf(pin);
        assertThat(store.held(name)).contains(pin);
        store.retain(List.of(name));
        assertThat(pin).exists();
        store.retain(List.of());

        assertThat(store.held(name)).isEmpty();
    }

    @Test
    void whatIsNotThereIsRemovedWithoutAWord() {
        store.remove(weights("never"));
        store.discard(data.resolve("checkpoints/.drafts/never"));

        assertThat(store.list()).isEmpty();
    }

    @Test
    void aDirectoryInUseIsRefusedWithTheProcessThatUsesIt() {
        assertThatThrownBy(() -> FileStore.open(data))
                .isInstanceOfSatisfying(
                        StoreException.class,
                        inUse ->
                                assertThat(inUse.reason())
                                        .contains(
                                                "in use by process "
                                                        + ProcessHandle.current().pid(),
                                                "--data"));
    }

    @Test
    void aDirectoryInUseByAnotherProcessIsRefused() throws Exception {
        close();
        Path lock = data.resolve(DataLock.FILE);
        Path source = data.resolve("Holder.java");
        Files.writeString(
                source,
                """
                import java.nio.channels.FileChannel;
                import java.nio.file.*;
                void main(String[] arguments) throws Exception {
                    FileChannel channel = FileChannel.open(
                            Path.of(arguments[0]), StandardOpenOption.WRITE, StandardOpenOption.CREATE);
                    channel.lock();
                    channel.write(java.nio.ByteBuffer.wrap("4711".getBytes()));
                    IO.println("locked");
                    System.in.read();
                }
                """);
        Process other =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                source.toString(),
                                lock.toString())
                        .start();
        try {
            assertThat(other.inputReader().readLine()).isEqualTo("locked");
            assertThatThrownBy(() -> FileStore.open(data))
                    .hasMessageContaining("in use by process 4711");
        } finally {
            other.destroy();
            other.waitFor();
        }
        open();
    }

    @Test
    void aPlaceThatCannotBeMadeIsNamed() throws IOException {
        Path file = Files.writeString(data.resolve("file"), "x");

        assertThatThrownBy(() -> FileStore.open(file))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("cannot be made");
    }
}
