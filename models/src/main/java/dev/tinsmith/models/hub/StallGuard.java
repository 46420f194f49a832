package dev.tinsmith.models.hub;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/// Closes a body that gives nothing for too long, so that its reader fails instead of waiting for
/// ever. A virtual thread watches until this is closed.
final class StallGuard implements AutoCloseable {
    private final AtomicBoolean moved = new AtomicBoolean();
    private final InputStream body;
    private final Thread watcher;

    StallGuard(InputStream body, Duration patience) {
        this.body = body;
        this.watcher = Thread.ofVirtual().name("hub-stall-guard").start(() -> watch(patience));
    }

    /// Something came.
    void moved() {
        moved.set(true);
    }

    private void watch(Duration patience) {
        try {
            do {
                Thread.sleep(patience);
            } while (moved.getAndSet(false));
            body.close();
        } catch (InterruptedException _) {
            // the reading ended
        } catch (IOException _) {
            // it was closed already
        }
    }

    @Override
    public void close() {
        watcher.interrupt();
    }
}
