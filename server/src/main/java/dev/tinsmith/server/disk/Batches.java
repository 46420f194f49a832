package dev.tinsmith.server.disk;

import java.util.ArrayList;
import java.util.List;

/// What any threads want written, for the one that writes: it takes all that came while it wrote,
/// so that one force of the disk serves all who wait.
public final class Batches<T> {
    /// These are guarded by this.
    private List<T> waiting = new ArrayList<>();

    private boolean open = true;

    /// Puts `item` behind all others.
    public synchronized void add(T item) {
        waiting.add(item);
        notifyAll();
    }

    /// All that came since the last time, in order; waits for it. Nothing once this is closed and
    /// all was taken.
    public synchronized List<T> take() throws InterruptedException {
        while (waiting.isEmpty() && open) {
            wait();
        }
        List<T> batch = waiting;
        waiting = new ArrayList<>();
        return batch;
    }

    /// Has nobody wait for more.
    public synchronized void close() {
        open = false;
        notifyAll();
    }
}
