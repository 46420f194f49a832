package dev.tinsmith.models;

import dev.tinsmith.engine.format.FormatException;
import dev.tinsmith.models.gguf.GgufImport;
import dev.tinsmith.models.hub.HubClient;
import dev.tinsmith.models.hub.HubException;
import dev.tinsmith.models.hub.HubListing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;

/// The base models under a data directory, in `models/owner--name/`, each there whole or not at
/// all. Threads and processes may share one.
public final class ModelStore {
    private static final System.Logger LOG = System.getLogger(ModelStore.class.getName());

    private final Path models;
    private final Supplier<HubClient> hub;
    private final InstantSource clock;
    private final DiskSpace disk;

    /// The store of `dataDirectory`; the environment says which Hub it downloads from.
    public ModelStore(Path dataDirectory) {
        this(
                dataDirectory,
                () -> HubClient.fromEnvironment(System.getenv()),
                InstantSource.system(),
                DiskSpace.REAL);
    }

    /// The store of `dataDirectory`.
    ///
    /// @param hub asked for when a model comes from the Hub
    public ModelStore(
            Path dataDirectory, Supplier<HubClient> hub, InstantSource clock, DiskSpace disk) {
        this.models = dataDirectory.resolve("models").toAbsolutePath();
        this.hub = hub;
        this.clock = clock;
        this.disk = disk;
    }

    /// What adding a model came to.
    public enum Change {
        /// It is there now.
        ADDED,
        /// It is there now, in the place of another.
        REPLACED,
        /// It was there already, from the same source; nothing was done.
        UNCHANGED
    }

    /// A model that is there now, and why.
    public record Added(InstalledModel model, Change change) {}

    /// Takes in the model of `source` under `name`.
    ///
    /// @param replace whether a model of this name from another source gives way
    /// @throws ModelException if it cannot be; then nothing has changed, and only what was
    ///   downloaded is kept, out of the way, to go on from
    public Added add(String name, ModelSource source, boolean replace, Progress progress) {
        ModelName key = new ModelName(name);
        try {
            Path lockFile = models.resolve(".locks").resolve(key.folder());
            Optional<FolderLock> lock = FolderLock.take(lockFile);
            try (FolderLock _ =
                    lock.orElseThrow(() ->
                            new ModelException(
                                    "%s is being added already; wait for that to end"
                                            .formatted(name)))) {
                return addLocked(key, source, replace, progress);
            }
        } catch (FormatException | HubException refused) {
            throw new ModelException(
                    "%s cannot be added: %s".formatted(name, refused.getMessage()), refused);
        } catch (IOException | UncheckedIOException failure) {
            throw new ModelException(
                    "%s cannot be added: reading or writing failed (%s)"
                            .formatted(name, WholeFolder.reason(failure)),
                    failure);
        }
    }

    private Added addLocked(ModelName name, ModelSource source, boolean replace, Progress progress)
            throws IOException {
        Optional<InstalledModel> known = find(name.value());
        boolean same = known.filter(model -> model.source().equals(source.text())).isPresent();
        if (known.isPresent() && same && !replace) {
            return new Added(known.get(), Change.UNCHANGED);
        }
        if (Files.exists(folder(name)) && !replace) {
            throw new ModelException(
                    "%s is there already, from %s; give it another name, or ask to replace it"
                            .formatted(
                                    name,
                                    known.map(InstalledModel::source)
                                            .orElse("an unknown source, and damaged")));
        }
        switch (source) {
            case ModelSource.Folder(Path from) -> addFolder(name, source, from, progress);
            case ModelSource.Gguf(Path file) -> {
                disk.require(models, Files.size(file), "adding " + name);
                install(name, source, into -> GgufImport.convert(file, into, progress::at));
            }
            case ModelSource.Hub from -> addFromHub(name, from, progress);
        }
        return new Added(
                InstalledModel.read(folder(name)),
                known.isPresent() ? Change.REPLACED : Change.ADDED);
    }

    private void addFolder(ModelName name, ModelSource source, Path from, Progress progress)
            throws IOException {
        ModelCheck.check(from);
        List<String> files = ModelFiles.all(from);
        disk.require(models, ModelFiles.bytes(from, files), "adding " + name);
        install(name, source, into -> ModelFiles.copy(from, files, into, progress));
    }

    private void addFromHub(ModelName name, ModelSource.Hub source, Progress progress)
            throws IOException {
        Path downloads = models.resolve(".downloads").resolve(name.folder());
        try (HubClient client = hub.get()) {
            HubListing listing = client.list(source.repo());
            Path downloaded = downloads.resolve(listing.commit());
            Files.createDirectories(downloaded);
            disk.require(models, listing.missing(downloaded), "downloading " + name);
            client.download(listing, downloaded, progress::at);
            install(
                    name,
                    source,
                    into -> ModelFiles.link(downloaded, ModelFiles.all(downloaded), into));
        }
        WholeFolder.delete(downloads);
    }

    private void install(ModelName name, ModelSource source, WholeFolder.Filling filling) {
        WholeFolder.create(
                folder(name),
                models.resolve(".adding-" + name.folder()),
                into -> {
                    filling.fill(into);
                    long parameters = ModelCheck.check(into);
                    long bytes = ModelFiles.bytes(into, ModelFiles.all(into));
                    InstalledModel.describe(
                            into, name.value(), source.text(), parameters, bytes, clock.instant());
                });
    }

    /// Every model, by name. A folder that was damaged is left out, and named in the log.
    public List<InstalledModel> list() {
        if (!Files.isDirectory(models)) {
            return List.of();
        }
        try (Stream<Path> folders = Files.list(models)) {
            return folders.filter(folder -> !folder.getFileName().toString().startsWith("."))
                    .flatMap(folder -> read(folder).stream())
                    .sorted(Comparator.comparing(InstalledModel::name))
                    .toList();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /// The model that clients call `name`.
    public Optional<InstalledModel> find(String name) {
        return Optional.of(name)
                .filter(ModelName::isName)
                .map(value -> folder(new ModelName(value)))
                .filter(Files::isDirectory)
                .flatMap(ModelStore::read);
    }

    private static Optional<InstalledModel> read(Path folder) {
        try {
            return Optional.of(InstalledModel.read(folder));
        } catch (FormatException damaged) {
            LOG.log(
                    Level.WARNING,
                    "the model folder {0} is left out: {1}",
                    folder.getFileName(),
                    damaged.getMessage());
            return Optional.empty();
        }
    }

    private Path folder(ModelName name) {
        return models.resolve(name.folder());
    }
}
