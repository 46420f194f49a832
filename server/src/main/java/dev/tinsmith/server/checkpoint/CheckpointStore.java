package dev.tinsmith.server.checkpoint;

import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// Where checkpoints rest. A checkpoint is a directory, stored whole or not at all.
///
/// One process uses a store at a time. Calls may come from any thread, but never two at once for
/// the same path.
public interface CheckpointStore extends AutoCloseable {

    /// A fresh, empty directory to write into; gone after a restart.
    Path draft();

    /// A fresh directory with the files of this very checkpoint, which share their bytes with it
    /// where the disk can do that; empty if it is gone already.
    Optional<Path> draftOf(Checkpoint checkpoint);

    /// Makes `draft` the checkpoint that `checkpoint` describes, in the place of the one with the
    /// same path, if there is one. The draft is gone afterwards, whatever happens.
    ///
    /// @param checkpoint its `folder` and `size` are not looked at
    /// @return as stored
    Checkpoint put(Checkpoint checkpoint, Path draft);

    /// Everything stored whole, whether expired or not.
    List<Checkpoint> list();

    /// What came from outside, through an [Arrival], since this or [#list] was last asked.
    List<Checkpoint> arrived();

    /// Keeps a new end, or a new readership, for a stored checkpoint.
    Checkpoint update(Checkpoint checkpoint);

    /// Removes a checkpoint; nothing happens if it is not there.
    void remove(CheckpointPath path);

    /// Makes `draft` a directory that outlives a restart, under a name of its own, until it is
    /// discarded.
    Path hold(Path draft);

    /// The name of a directory that is held or pinned.
    String nameOf(Path directory);

    /// The directory that is held or pinned under this name, if it is still there.
    Optional<Path> held(String name);

    /// Discards all that is held or pinned under other names; for a start, when it is known who
    /// needs what.
    void retain(Collection<String> names);

    /// A directory with the files of this very checkpoint that stays as it is, even if the
    /// checkpoint is deleted or overwritten, until it is discarded; empty if it is gone already.
    Optional<Path> pin(Checkpoint checkpoint);

    /// Deletes a draft or a pinned directory.
    void discard(Path directory);

    @Override
    void close();
}
