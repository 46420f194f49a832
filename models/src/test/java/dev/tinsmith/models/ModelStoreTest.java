package dev.tinsmith.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinsmith.engine.Base;
import dev.tinsmith.engine.format.DType;
import dev.tinsmith.models.ModelStore.Added;
import dev.tinsmith.models.ModelStore.Change;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelStoreTest {
    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");

    @TempDir Path directory;

    private Path data;
    private ModelSource source;
    private ModelStore store;

    @BeforeEach
    void open() {
        data = directory.resolve("data");
        source = new ModelSource.Folder(TinyFolder.write(directory.resolve("tiny")));
        store = store(DiskSpace.REAL);
    }

    @Test
    void aFolderBecomesAModel() {
        Added added = store.add("acme/tiny", source, false, Progress.SILENT);

        Path folder = data.resolve("models/acme--tiny").toAbsolutePath();
        assertThat(added.change()).isEqualTo(Change.ADDED);
        assertThat(store.find("acme/tiny")).contains(added.model());
        assertThat(store.list()).containsExactly(added.model());
        assertThat(added.model())
                .returns("acme/tiny", InstalledModel::name)
                .returns(folder, InstalledModel::folder)
                .returns("LlamaForCausalLM", InstalledModel::architecture)
                .returns(1040L, InstalledModel::parameters)
                .returns(64, InstalledModel::maxContextLength)
                .returns(5, InstalledModel::vocabulary)
                .returns(source.text(), InstalledModel::source)
                .returns(NOW, InstalledModel::addedAt)
                .returns(new Base("acme/tiny", folder), InstalledModel::base);
        assertThat(added.model().bytes()).isGreaterThan(4 * 1040);
        assertThat(folder)
                .isDirectoryNotContaining("glob:**/README.md")
                .isDirectoryContaining("glob:**/tokenizer.json")
                .isDirectoryContaining("glob:**/generation_config.json");
    }

    @Test
    void theCopyIsTheOperatorsNoMore() throws IOException {
        store.add("tiny", source, false, Progress.SILENT);
        Path copy = data.resolve("models/tiny/model.safetensors");
        byte[] before = Files.readAllBytes(copy);

        Files.writeString(directory.resolve("tiny/model.safetensors"), "overwritten in place");

        assertThat(copy).hasBinaryContent(before);
    }

    @Test
    void shardsComeAlongWithTheirIndex() throws IOException {
        TinyFolder.shard(directory.resolve("tiny"));

        Added added = store.add("tiny", source, false, Progress.SILENT);

        assertThat(names(added.model().folder()))
                .contains("model-00001-of-00002.safetensors", "model.safetensors.index.json");
    }

    @Test
    void progressEndsWithEverything() {
        AtomicReference<List<Long>> last = new AtomicReference<>(List.of());
        store.add("tiny", source, false, (_, done, total) -> last.set(List.of(done, total)));
        assertThat(last.get().getFirst()).isPositive().isEqualTo(last.get().getLast());
    }

    @Test
    void addingTheSameAgainDoesNothingAndSaysSo() throws IOException {
        Added first = store.add("tiny", source, false, Progress.SILENT);
        Files.delete(directory.resolve("tiny/config.json"));

        Added again = store.add("tiny", source, false, Progress.SILENT);

        assertThat(again).isEqualTo(new Added(first.model(), Change.UNCHANGED));
    }

    @Test
    void anotherSourceNeedsToBeAskedToReplace() {
        store.add("tiny", source, false, Progress.SILENT);
        ModelSource other =
                new ModelSource.Folder(
                        TinyFolder.at(directory.resolve("other"), DType.BF16, false).write());

        refuses(
                () -> store.add("tiny", other, false, Progress.SILENT),
                "tiny is there already, from " + source.text());
        Added replaced = store.add("tiny", other, true, Progress.SILENT);

        assertThat(replaced.change()).isEqualTo(Change.REPLACED);
        assertThat(replaced.model().parameters()).isEqualTo(1080);
        assertThat(store.list()).containsExactly(replaced.model());
        assertThat(leftovers()).isEmpty();
    }

    @Test
    void aReplacementThatFailsLeavesTheOldModel() {
        Added first = store.add("tiny", source, false, Progress.SILENT);
        ModelSource other =
                new ModelSource.Folder(
                        TinyFolder.at(directory.resolve("other"), DType.F32, true).write());

        refuses(() -> store.add("tiny", other, true, failing(2)), "the cable was pulled");

        assertThat(store.find("tiny")).contains(first.model());
        assertThat(leftovers()).isEmpty();
    }

    @Test
    void nothingHalfWrittenRemainsAfterAFailureInTheMiddle() {
        for (int file = 1; file <= 5; file++) {
            int middle = file;
            assertThatThrownBy(() -> store.add("acme/tiny", source, false, failing(middle)))
                    .hasMessageContaining("the cable was pulled");

            assertThat(leftovers()).isEmpty();
            assertThat(data.resolve("models/acme--tiny")).doesNotExist();
            assertThat(store.list()).isEmpty();
        }
        assertThat(store.add("acme/tiny", source, false, Progress.SILENT).change())
                .isEqualTo(Change.ADDED);
    }

    @Test
    void whatAKilledProcessLeftIsInvisibleAndSweptByTheNext() throws IOException {
        Path left = Files.createDirectories(data.resolve("models/.adding-tiny"));
        Files.writeString(left.resolve("model.safetensors"), "half");

        assertThat(store.list()).isEmpty();
        store.add("tiny", source, false, Progress.SILENT);

        assertThat(store.list()).hasSize(1);
        assertThat(leftovers()).isEmpty();
    }

    @Test
    void aModelThatSteppedAsideForOneThatNeverCameIsPutBack() throws IOException {
        Added first = store.add("tiny", source, false, Progress.SILENT);
        Files.move(data.resolve("models/tiny"), data.resolve("models/.adding-tiny.old"));

        refuses(() -> store.add("tiny", source, false, failing(1)), "the cable was pulled");

        assertThat(store.find("tiny")).contains(first.model());
        assertThat(leftovers()).isEmpty();
    }

    @Test
    void aSnapshotOfAHuggingFaceCacheIsTakenInAsFiles() throws IOException {
        Path blobs = Files.createDirectories(directory.resolve("cache/blobs"));
        Path snapshot = Files.createDirectories(directory.resolve("cache/snapshots/abc"));
        for (String name : names(directory.resolve("tiny"))) {
            Files.move(directory.resolve("tiny").resolve(name), blobs.resolve("blob-" + name));
            Files.createSymbolicLink(snapshot.resolve(name), Path.of("../../blobs/blob-" + name));
        }

        Added added = store.add("tiny", new ModelSource.Folder(snapshot), false, Progress.SILENT);

        assertThat(added.model().folder().resolve("model.safetensors"))
                .isRegularFile()
                .matches(file -> !Files.isSymbolicLink(file), "is no link");
    }

    @Test
    void aBrokenGgufFileIsRefusedAndNothingIsLeft() throws IOException {
        Path file = Files.writeString(directory.resolve("m.gguf"), "not a model");

        refuses(
                () -> store.add("tiny", ModelSource.parse(file.toString()), false, Progress.SILENT),
                "tiny cannot be added: m.gguf is not a GGUF file");
        assertThat(leftovers()).isEmpty();
    }

    @Test
    void aBrokenFolderIsRefusedBeforeAnythingIsCopied() throws IOException {
        Files.delete(directory.resolve("tiny/tokenizer.json"));

        refuses(
                () -> store.add("tiny", source, false, failing(1)),
                "tiny cannot be added: ",
                "tokenizer.json");
        assertThat(leftovers()).isEmpty();
    }

    @Test
    void aDiskThatIsTooFullIsRefusedWithTheFigures() {
        refuses(
                () -> store(_ -> 1_500).add("tiny", source, false, failing(1)),
                "adding tiny takes 0.0 MB and the disk has 0.0 MB free");
        assertThat(leftovers()).isEmpty();
    }

    @Test
    void figuresAreReadable() {
        assertThat(DiskSpace.words(2_469_606_195L)).isEqualTo("2.5 GB");
        assertThat(DiskSpace.words(98_362_432)).isEqualTo("98.4 MB");
    }

    @Test
    void onlyOneMayAddAModelAtATime() throws InterruptedException {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        Progress slow =
                (_, _, _) -> {
                    inside.countDown();
                    try {
                        leave.await();
                    } catch (InterruptedException interrupted) {
                        throw new IllegalStateException(interrupted);
                    }
                };
        Thread first = Thread.ofVirtual().start(() -> store.add("tiny", source, false, slow));
        inside.await();
        try {
            refuses(
                    () -> store(DiskSpace.REAL).add("tiny", source, false, Progress.SILENT),
                    "tiny is being added already");
            assertThat(store.add("other", source, false, Progress.SILENT).change())
                    .isEqualTo(Change.ADDED);
        } finally {
            leave.countDown();
            first.join();
        }
        assertThat(store.list()).extracting(InstalledModel::name).containsExactly("other", "tiny");
    }

    @Test
    void aDamagedModelIsLeftOutAndReplacedOnlyWhenAsked() throws IOException {
        store.add("tiny", source, false, Progress.SILENT);
        Files.delete(data.resolve("models/tiny/tinsmith.json"));

        assertThat(store.list()).isEmpty();
        assertThat(store.find("tiny")).isEmpty();
        refuses(
                () -> store.add("tiny", source, false, Progress.SILENT),
                "tiny is there already, from an unknown source, and damaged");
        store.add("tiny", source, true, Progress.SILENT);
        assertThat(store.list()).hasSize(1);
    }

    @Test
    void aStoreWithoutADirectoryIsEmpty() {
        assertThat(store.list()).isEmpty();
        assertThat(store.find("tiny")).isEmpty();
        assertThat(store.find("../../etc")).isEmpty();
        assertThat(data).doesNotExist();
    }

    @Test
    void aNameThatLeadsElsewhereIsRefused() {
        refuses(() -> store.add("../tiny", source, false, Progress.SILENT), "is no name");
    }

    private ModelStore store(DiskSpace disk) {
        return new ModelStore(
                data,
                () -> {
                    throw new IllegalStateException("nobody asked for the Hub");
                },
                InstantSource.fixed(NOW),
                disk);
    }

    /// Fails when the file of this number is under way.
    private static Progress failing(int file) {
        List<String> seen = new ArrayList<>();
        return (what, _, _) -> {
            seen.add(what);
            if (seen.size() == file) {
                throw new ModelException("the cable was pulled");
            }
        };
    }

    /// What is neither a model nor a lock.
    private List<String> leftovers() {
        return names(data.resolve("models")).stream()
                .filter(name -> name.startsWith(".") && !name.equals(".locks"))
                .toList();
    }

    private static List<String> names(Path folder) {
        try (Stream<Path> inside = Files.list(folder)) {
            return inside.map(path -> path.getFileName().toString()).sorted().toList();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static void refuses(ThrowingCallable call, String... words) {
        assertThatThrownBy(call).isInstanceOf(ModelException.class).hasMessageContainingAll(words);
    }
}
