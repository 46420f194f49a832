package dev.tinsmith.server.checkpoint;

import static java.lang.System.Logger.Level.WARNING;

import dev.tinsmith.engine.format.JsonFile;
import dev.tinsmith.server.disk.Durable;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/// Checkpoints as directories under `<data>/checkpoints/<run>/<kind>/<name>`, each with a
/// `checkpoint.json` that tells of it.
///
/// What is being written lies in a hidden directory beside them, and is renamed when it is whole.
/// What is being replaced is set aside until then, so that a crash leaves the old or the new one.
public final class FileStore implements CheckpointStore {
    private static final System.Logger LOG = System.getLogger(FileStore.class.getName());
    static final String CHECKPOINTS = "checkpoints";

    private final DataLock lock;
    private final Path root;
    private final Path drafts;
    private final Path pins;
    private final Path held;
    private final Path replaced;
    private final Set<Path> seen = ConcurrentHashMap.newKeySet();

    private FileStore(DataLock lock, Path root) {
        this.lock = lock;
        this.root = root;
        this.drafts = root.resolve(".drafts");
        this.pins = root.resolve(".pins");
        this.held = root.resolve(".held");
        this.replaced = root.resolve(".replaced");
    }

    /// Opens the store of this data directory, makes it if need be, and clears away what a crash
    /// left half done.
    ///
    /// @throws StoreException if another process uses the directory, or it cannot be written
    public static FileStore open(Path dataDirectory) {
        try {
            Files.createDirectories(dataDirectory.resolve(CHECKPOINTS));
        } catch (IOException failure) {
            throw new StoreException(
                    "the data directory '%s' cannot be made; may this user write there?"
                            .formatted(dataDirectory),
                    failure);
        }
        FileStore store =
                new FileStore(DataLock.take(dataDirectory), dataDirectory.resolve(CHECKPOINTS));
        try {
            store.recover();
            return store;
        } catch (IOException failure) {
            store.close();
            throw new StoreException(
                    "the checkpoints in '%s' cannot be read".formatted(dataDirectory), failure);
        }
    }

    /// All whole checkpoints of a data directory, expired or not, whether a server uses it or not.
    public static List<Checkpoint> list(Path dataDirectory) {
        return listIn(dataDirectory.resolve(CHECKPOINTS));
    }

    private void recover() throws IOException {
        Durable.delete(drafts);
        Files.createDirectories(drafts);
        Files.createDirectories(pins);
        Files.createDirectories(held);
        Files.createDirectories(replaced);
        for (Path aside : Durable.directories(replaced)) {
            Optional<Checkpoint> old = readable(aside);
            Optional<Path> place = old.map(there -> folder(there.path()));
            if (place.isPresent() && !Files.exists(place.get())) {
                LOG.log(WARNING, "brought back {0}, which was being overwritten", aside);
                Durable.move(aside, place.get());
            } else {
                Durable.delete(aside);
            }
        }
    }

    @Override
    public Path draft() {
        return attempt(
                "no checkpoint can be begun",
                () -> Files.createDirectory(drafts.resolve(UUID.randomUUID().toString())));
    }

    @Override
    public Checkpoint put(Checkpoint checkpoint, Path draft) {
        Path place = folder(checkpoint.path());
        return attempt(
                "%s cannot be stored".formatted(checkpoint.path()),
                () -> {
                    long size = size(draft);
                    Checkpoint stored = checkpoint.stored(place, size);
                    CheckpointFile.write(stored, draft);
                    Durable.syncAll(draft);
                    makeRoom(place);
                    if (Files.exists(place)) {
                        replace(draft, place);
                    } else {
                        Durable.move(draft, place);
                    }
                    return stored;
                });
    }

    private void replace(Path draft, Path place) throws IOException {
        Path aside = replaced.resolve(UUID.randomUUID().toString());
        Durable.move(place, aside);
        try {
            Durable.move(draft, place);
        } catch (IOException failure) {
            Durable.move(aside, place);
            throw failure;
        }
        Durable.delete(aside);
    }

    @Override
    public List<Checkpoint> list() {
        boolean _ = seen.addAll(attempt("the checkpoints cannot be listed", () -> arrivals(root)));
        return listIn(root);
    }

    @Override
    public List<Checkpoint> arrived() {
        return attempt(
                "the checkpoints cannot be listed",
                () -> {
                    List<Checkpoint> found = new ArrayList<>();
                    for (Path run : arrivals(root)) {
                        if (seen.add(run)) {
                            found.addAll(listRun(root, run));
                        }
                    }
                    return List.copyOf(found);
                });
    }

    private static List<Path> arrivals(Path root) throws IOException {
        return Durable.directories(root).stream()
                .filter(run -> JsonFile.nameOf(run).startsWith(Arrival.PREFIX))
                .toList();
    }

    @Override
    public Checkpoint update(Checkpoint checkpoint) {
        return attempt(
                "%s cannot be changed".formatted(checkpoint.path()),
                () -> {
                    CheckpointFile.write(checkpoint, checkpoint.folder());
                    return checkpoint;
                });
    }

    @Override
    public void remove(CheckpointPath path) {
        Path place = folder(path);
        boolean _ =
                attempt(
                        "%s cannot be deleted".formatted(path),
                        () -> {
                            if (Files.exists(place)) {
                                Path gone = drafts.resolve(UUID.randomUUID().toString());
                                Durable.move(place, gone);
                                Durable.delete(gone);
                                prune(place.resolveSibling(""));
                            }
                            return true;
                        });
    }

    @Override
    public Optional<Path> pin(Checkpoint checkpoint) {
        return attempt(
                "%s cannot be held".formatted(checkpoint.path()),
                () -> {
                    if (!isThere(checkpoint)) {
                        return Optional.empty();
                    }
                    Path pin = pins.resolve(checkpoint.id());
                    Durable.delete(pin);
                    Files.createDirectory(pin);
                    for (Path file : Durable.files(checkpoint.folder())) {
                        link(file, pin.resolve(file.getFileName()));
                    }
                    Durable.sync(pin);
                    Durable.sync(pins);
                    return Optional.of(pin);
                });
    }

    @Override
    public Path hold(Path draft) {
        return attempt(
                "weights cannot be held",
                () -> {
                    Path place = held.resolve(UUID.randomUUID().toString());
                    Durable.syncAll(draft);
                    Durable.move(draft, place);
                    return place;
                });
    }

    @Override
    public String nameOf(Path directory) {
        return root.relativize(directory).toString();
    }

    @Override
    public Optional<Path> held(String name) {
        return Optional.of(root.resolve(name)).filter(Files::isDirectory);
    }

    @Override
    public void retain(Collection<String> names) {
        boolean _ =
                attempt(
                        "what nobody needs cannot be deleted",
                        () -> {
                            for (Path place : List.of(pins, held)) {
                                for (Path each : Durable.directories(place)) {
                                    if (!names.contains(nameOf(each))) {
                                        Durable.delete(each);
                                    }
                                }
                            }
                            return true;
                        });
    }

    @Override
    public Optional<Path> draftOf(Checkpoint checkpoint) {
        return attempt(
                "%s cannot be copied".formatted(checkpoint.path()),
                () -> {
                    if (!isThere(checkpoint)) {
                        return Optional.empty();
                    }
                    Path draft = draft();
                    for (Path file : Durable.files(checkpoint.folder())) {
                        if (!file.endsWith(CheckpointFile.NAME)) {
                            link(file, draft.resolve(file.getFileName()));
                        }
                    }
                    return Optional.of(draft);
                });
    }

    private static boolean isThere(Checkpoint checkpoint) {
        return readable(checkpoint.folder())
                .filter(now -> now.id().equals(checkpoint.id()))
                .isPresent();
    }

    /// A second name for the same bytes, or a copy on file systems that have no such thing.
    static void link(Path file, Path second) throws IOException {
        try {
            Files.createLink(second, file);
        } catch (UnsupportedOperationException | FileSystemException _) {
            Files.copy(file, second);
        }
    }

    @Override
    public void discard(Path directory) {
        try {
            Durable.delete(directory);
        } catch (IOException failure) {
            LOG.log(WARNING, "left behind until the next start: " + directory, failure);
        }
    }

    @Override
    public void close() {
        lock.close();
    }

    private Path folder(CheckpointPath path) {
        return folder(root, path);
    }

    static Path folder(Path root, CheckpointPath path) {
        return root.resolve(FolderName.of(path.run().value()))
                .resolve(path.kind().segment())
                .resolve(FolderName.of(path.name()));
    }

    private void makeRoom(Path place) throws IOException {
        Path kind = place.resolveSibling("");
        if (!Files.isDirectory(kind)) {
            Files.createDirectories(kind);
            Durable.syncAll(kind.resolveSibling(""));
            Durable.syncAll(root);
        }
    }

    /// Drops a kind's directory and its run's, if nothing is left in them.
    private static void prune(Path kind) throws IOException {
        try {
            Files.delete(kind);
            Files.delete(kind.resolveSibling(""));
        } catch (DirectoryNotEmptyException | NoSuchFileException _) {
            // In use.
        }
    }

    private static List<Checkpoint> listIn(Path root) {
        return attempt(
                "the checkpoints cannot be listed",
                () -> {
                    List<Checkpoint> found = new ArrayList<>();
                    for (Path run : Durable.directories(root)) {
                        if (!run.getFileName().toString().startsWith(".")) {
                            found.addAll(listRun(root, run));
                        }
                    }
                    return List.copyOf(found);
                });
    }

    private static List<Checkpoint> listRun(Path root, Path run) throws IOException {
        List<Checkpoint> found = new ArrayList<>();
        for (Path kind : Durable.directories(run)) {
            found.addAll(listKind(root, kind));
        }
        return found;
    }

    private static List<Checkpoint> listKind(Path root, Path kind) throws IOException {
        return Durable.directories(kind).stream()
                .flatMap(folder ->
                        readable(folder).filter(read -> isInPlace(read, root, folder)).stream())
                .toList();
    }

    /// A directory that somebody moved by hand is not what its `checkpoint.json` says.
    private static boolean isInPlace(Checkpoint read, Path root, Path folder) {
        boolean inPlace = folder(root, read.path()).equals(folder);
        if (!inPlace) {
            LOG.log(WARNING, "skipped {0}, which says it is {1}", folder, read.path());
        }
        return inPlace;
    }

    /// The checkpoint in `folder`, if it is whole; otherwise the log says what is wrong.
    private static Optional<Checkpoint> readable(Path folder) {
        try {
            Checkpoint read = CheckpointFile.read(folder);
            if (size(folder) != read.size()) {
                throw new IllegalArgumentException(
                        "its files have %d bytes, not %d".formatted(size(folder), read.size()));
            }
            return Optional.of(read);
        } catch (IOException | IllegalArgumentException | ArithmeticException damage) {
            LOG.log(WARNING, "skipped {0}, which is damaged: {1}", folder, damage);
            return Optional.empty();
        }
    }

    /// The bytes of all files but the one that tells of them.
    static long size(Path folder) throws IOException {
        long size = 0;
        for (Path file : Durable.files(folder)) {
            if (!file.endsWith(CheckpointFile.NAME)) {
                size += Files.size(file);
            }
        }
        return size;
    }

    private static <T> T attempt(String failing, Attempt<T> attempt) {
        try {
            return attempt.run();
        } catch (IOException failure) {
            throw new StoreException(failing, failure);
        }
    }

    private interface Attempt<T> {
        T run() throws IOException;
    }
}
