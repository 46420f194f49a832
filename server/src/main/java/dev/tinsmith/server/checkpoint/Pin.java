package dev.tinsmith.server.checkpoint;

import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;

/// A hold on a directory, which stays as it is until the last hold on it is closed. Closing twice
/// is closing once.
public final class Pin implements AutoCloseable {
    private final Path folder;
    private final Runnable release;
    private final AtomicBoolean closed = new AtomicBoolean();

    Pin(Path folder, Runnable release) {
        this.folder = folder;
        this.release = release;
    }

    /// Never changes; the same for all who hold on to the same files.
    public Path folder() {
        return folder;
    }

    @Override
    public void close() {
        if (!closed.getAndSet(true)) {
            release.run();
        }
    }
}
