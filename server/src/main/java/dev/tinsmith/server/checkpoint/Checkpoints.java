package dev.tinsmith.server.checkpoint;

import static java.lang.System.Logger.Level.ERROR;

import dev.tinsmith.engine.EngineException;
import dev.tinsmith.engine.Fault;
import dev.tinsmith.engine.RunId;
import dev.tinsmith.server.future.Owner;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/// All checkpoints, and the rules they live by: whose they are, which names are taken, when they
/// end. Any thread may ask.
public final class Checkpoints {
    private static final System.Logger LOG = System.getLogger(Checkpoints.class.getName());
    private static final Comparator<Checkpoint> NEWEST_FIRST =
            Comparator.comparing(Checkpoint::time)
                    .reversed()
                    .thenComparing(checkpoint -> checkpoint.path().toString());

    private final CheckpointStore store;
    private final ExternalForm external;
    private final InstantSource clock;
    private final Map<CheckpointPath, Checkpoint> all = new ConcurrentHashMap<>();
    private final Map<String, Pins> pins = new HashMap<>();
    private final Object arriving = new Object();
    private final List<Consumer<CheckpointEvent>> listeners = new CopyOnWriteArrayList<>();

    /// Knows what `store` holds from the start.
    public Checkpoints(CheckpointStore store, ExternalForm external, InstantSource clock) {
        this.store = store;
        this.external = external;
        this.clock = clock;
        store.list().forEach(checkpoint -> all.put(checkpoint.path(), checkpoint));
    }

    /// Calls `listener` with whatever happens to a checkpoint from now on; it must be quick.
    public void whenever(Consumer<CheckpointEvent> listener) {
        listeners.add(listener);
    }

    /// The checkpoint at `path`, if the caller may read it: its own, or a published one.
    public Optional<Checkpoint> readable(Owner reader, CheckpointPath path) {
        return alive(path).filter(found -> found.isPublic() || found.owner().equals(reader));
    }

    /// Everything there is, whosever it is.
    public List<Checkpoint> everybodys() {
        welcome();
        Instant now = clock.instant();
        return all.values().stream().filter(found -> !found.isExpired(now)).toList();
    }

    /// The caller's checkpoint at `path`, unless it is expired.
    public Optional<Checkpoint> find(Owner owner, CheckpointPath path) {
        return alive(path).filter(checkpoint -> checkpoint.owner().equals(owner));
    }

    /// Knows from now on what was imported meanwhile.
    private void welcome() {
        synchronized (arriving) {
            for (Checkpoint arrived : store.arrived()) {
                all.put(arrived.path(), arrived);
                tell(new CheckpointEvent.Created(), arrived, arrived.owner());
            }
        }
    }

    /// The caller's checkpoints of one run, newest first.
    public List<Checkpoint> ofRun(Owner owner, RunId run) {
        return list(owner).stream().filter(found -> found.path().run().equals(run)).toList();
    }

    /// All the caller's checkpoints, newest first.
    public List<Checkpoint> list(Owner owner) {
        welcome();
        Instant now = clock.instant();
        return all.values().stream()
                .filter(found -> found.owner().equals(owner) && !found.isExpired(now))
                .sorted(NEWEST_FIRST)
                .toList();
    }

    /// Deletes the caller's checkpoint. Samplers that were made from it go on.
    ///
    /// @return whether it was there
    public boolean delete(Owner owner, CheckpointPath path) {
        return find(owner, path)
                .filter(found -> remove(found, CheckpointEvent.Reason.DELETED))
                .isPresent();
    }

    /// Gives the caller's checkpoint so long to live from now on; empty: for ever.
    ///
    /// @return whether it was there
    public synchronized boolean keep(
            Owner owner, CheckpointPath path, Optional<Duration> timeToLive) {
        Optional<Instant> end = timeToLive.map(clock.instant()::plus);
        return change(owner, path, there -> there.expiring(end), new CheckpointEvent.Kept());
    }

    /// Lets everybody on this server read the caller's checkpoint, or its owner alone. What is so
    /// already stays so.
    ///
    /// @return whether it was there
    public synchronized boolean publish(Owner owner, CheckpointPath path, boolean isPublic) {
        return find(owner, path).filter(there -> there.isPublic() == isPublic).isPresent()
                || change(
                        owner,
                        path,
                        there -> there.published(isPublic),
                        new CheckpointEvent.Published(isPublic));
    }

    private boolean change(
            Owner owner,
            CheckpointPath path,
            UnaryOperator<Checkpoint> changing,
            CheckpointEvent.What what) {
        Optional<Checkpoint> found = find(owner, path);
        found.map(changing)
                .map(store::update)
                .ifPresent(changed -> {
                    all.put(path, changed);
                    tell(what, changed, owner);
                });
        return found.isPresent();
    }

    /// Gives a checkpoint that the caller may read a second life of its own, as part of the run
    /// `into`, which nobody trains. The two share their bytes where the disk can do that. A copy
    /// that is there already is returned as it is.
    ///
    /// @throws EngineException if the source is gone, or the store fails
    public synchronized Checkpoint copy(
            Owner owner, Checkpoint source, RunId into, Optional<Duration> timeToLive) {
        CheckpointPath path = new CheckpointPath(into, source.path().kind(), source.path().name());
        Optional<Checkpoint> known = find(owner, path);
        return known.orElseGet(() -> {
            Path draft = store.draftOf(source).orElseThrow(() -> gone(source));
            Checkpoint copy = put(source.copied(owner, path, clock.instant(), timeToLive), draft);
            tell(new CheckpointEvent.Copied(source.path()), copy, owner);
            return copy;
        });
    }

    /// Notes that `reader` uses the files of `checkpoint`.
    public void wasRead(Owner reader, Checkpoint checkpoint, CheckpointEvent.Purpose purpose) {
        tell(new CheckpointEvent.Read(purpose), checkpoint, reader);
    }

    private void tell(CheckpointEvent.What what, Checkpoint checkpoint, Owner by) {
        CheckpointEvent event = new CheckpointEvent(what, checkpoint, by, clock.instant());
        listeners.forEach(listener -> listener.accept(event));
    }

    /// Deletes what is expired; to be called now and then.
    public void sweep() {
        Instant now = clock.instant();
        for (Checkpoint found : List.copyOf(all.values())) {
            if (found.isExpired(now)) {
                boolean _ = remove(found, CheckpointEvent.Reason.EXPIRED);
            }
        }
    }

    /// A fresh, empty directory for an engine to write into. Whoever asks must hand it to [#store]
    /// or [#discard].
    public Path draft() {
        return store.draft();
    }

    /// Deletes a draft.
    public void discard(Path draft) {
        store.discard(draft);
    }

    /// Lets `order` pass, or says why it cannot be done.
    ///
    /// @throws EngineException if the name is taken
    public void check(SaveOrder order) {
        if (alive(order.path()).isPresent() && !order.overwrite()) {
            throw new EngineException(
                    Fault.USER,
                    "%s exists already; save under another name, delete it first, or ask to overwrite if this kind can be"
                            .formatted(order.path()));
        }
    }

    /// Whether this very order was carried out already, by an earlier life of the server that ended
    /// before anybody was told.
    public boolean isStored(SaveOrder order) {
        return order.run().sequence().isPresent()
                && alive(order.path())
                        .filter(there -> there.run().sequence().equals(order.run().sequence()))
                        .isPresent();
    }

    /// Makes `draft`, which an engine wrote, the checkpoint that was ordered. The draft is gone
    /// afterwards, whatever happens.
    ///
    /// @throws EngineException if the name is taken, or the store fails
    public synchronized Checkpoint store(SaveOrder order, Path draft) {
        Path whole = draft;
        try {
            check(order);
            if (order.path().kind() == CheckpointKind.EXTERNAL_WEIGHTS) {
                whole = external(order, draft);
            }
            Checkpoint stored = put(described(order, whole), whole);
            tell(new CheckpointEvent.Created(), stored, stored.owner());
            return stored;
        } catch (EngineException refused) {
            store.discard(whole);
            throw refused;
        } catch (RuntimeException failure) {
            store.discard(whole);
            LOG.log(ERROR, "storing " + order.path(), failure);
            throw new EngineException(
                    Fault.SERVER,
                    "%s could not be stored; the server's log says why".formatted(order.path()));
        }
    }

    private Checkpoint put(Checkpoint described, Path draft) {
        Checkpoint stored = store.put(described, draft);
        Optional.ofNullable(all.put(stored.path(), stored))
                .ifPresent(old ->
                        tell(
                                new CheckpointEvent.Gone(CheckpointEvent.Reason.OVERWRITTEN),
                                old,
                                stored.owner()));
        return stored;
    }

    private Path external(SaveOrder order, Path draft) {
        Path form = form(draft, order.baseModel());
        try {
            ExternalForm.encrypt(form, order.recipients());
            return form;
        } catch (RuntimeException failure) {
            store.discard(form);
            throw failure;
        }
    }

    /// What the engine wrote into `draft`, which is gone afterwards, as others read it.
    private Path form(Path draft, String baseModel) {
        Path form = store.draft();
        try {
            external.write(draft, baseModel, form);
            return form;
        } catch (RuntimeException failure) {
            store.discard(form);
            throw failure;
        } finally {
            store.discard(draft);
        }
    }

    /// A checkpoint of any kind as others read it, in a fresh directory. Whoever asks must
    /// [#discard] it.
    ///
    /// @throws EngineException if it is gone
    public Path draftForOthers(Checkpoint checkpoint) {
        Path draft = store.draftOf(checkpoint).orElseThrow(() -> gone(checkpoint));
        return checkpoint.path().kind() == CheckpointKind.EXTERNAL_WEIGHTS
                ? draft
                : form(draft, checkpoint.baseModel());
    }

    private Checkpoint described(SaveOrder order, Path draft) {
        Instant now = clock.instant();
        return new Checkpoint(
                UUID.randomUUID().toString(),
                order.path(),
                draft,
                order.owner(),
                order.baseModel(),
                order.lora(),
                now,
                0,
                order.metadata(),
                order.timeToLive().map(now::plus),
                false,
                order.run());
    }

    /// Holds on to the files of `checkpoint` as they are, until the [Pin] is closed. All who pin
    /// one checkpoint see it in one directory.
    ///
    /// @throws EngineException if it has been deleted
    public synchronized Pin pin(Checkpoint checkpoint) {
        Pins pinned =
                Optional.ofNullable(pins.get(checkpoint.id()))
                        .orElseGet(() -> new Pins(pinned(checkpoint)));
        pinned.count++;
        pins.put(checkpoint.id(), pinned);
        return new Pin(pinned.folder, () -> unpin(checkpoint.id()));
    }

    /// Holds on to files that an earlier life of the server pinned, or held, under this name; empty
    /// if they are gone.
    public synchronized Optional<Pin> again(String name) {
        return store.held(name)
                .map(folder -> {
                    String id = String.valueOf(folder.getFileName());
                    Pins pinned =
                            Optional.ofNullable(pins.get(id)).orElseGet(() -> new Pins(folder));
                    pinned.count++;
                    pins.put(id, pinned);
                    return new Pin(folder, () -> unpin(id));
                });
    }

    /// Makes `draft` files that outlive a restart, until the [Pin] is closed.
    public synchronized Pin hold(Path draft) {
        return again(store.nameOf(store.hold(draft))).orElseThrow();
    }

    /// The name by which [#again] finds these files.
    public String nameOf(Path folder) {
        return store.nameOf(folder);
    }

    /// Discards all that is held or pinned under other names.
    public void retain(Collection<String> names) {
        store.retain(names);
    }

    private Path pinned(Checkpoint checkpoint) {
        return store.pin(checkpoint).orElseThrow(() -> gone(checkpoint));
    }

    private static EngineException gone(Checkpoint checkpoint) {
        return new EngineException(
                Fault.USER, "%s is no longer there".formatted(checkpoint.path()));
    }

    private synchronized void unpin(String id) {
        Optional.ofNullable(pins.get(id))
                .filter(pinned -> --pinned.count == 0)
                .ifPresent(pinned -> {
                    pins.remove(id);
                    store.discard(pinned.folder);
                });
    }

    private Optional<Checkpoint> alive(CheckpointPath path) {
        if (!all.containsKey(path)) {
            welcome();
        }
        Instant now = clock.instant();
        return Optional.ofNullable(all.get(path)).filter(found -> !found.isExpired(now));
    }

    /// Removes this very checkpoint; one that has taken its place since stays.
    private synchronized boolean remove(Checkpoint checkpoint, CheckpointEvent.Reason reason) {
        boolean there =
                Optional.ofNullable(all.get(checkpoint.path()))
                        .filter(found -> found.id().equals(checkpoint.id()))
                        .isPresent();
        if (there) {
            all.remove(checkpoint.path());
            store.remove(checkpoint.path());
            tell(new CheckpointEvent.Gone(reason), checkpoint, checkpoint.owner());
        }
        return there;
    }

    /// How many hold on to one directory.
    private static final class Pins {
        private final Path folder;
        private int count;

        Pins(Path folder) {
            this.folder = folder;
        }
    }
}
