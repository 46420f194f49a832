package dev.tinsmith.server.journal;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.tinsmith.server.disk.Batches;
import dev.tinsmith.server.disk.Durable;
import java.io.IOError;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;

/// The journal as files `00000001.journal`, … in one directory.
///
/// A thread of its own takes all that came while it wrote, writes it, and forces it to the disk
/// once: whoever waits, waits for at most two such rounds. Each start begins a new file, and none
/// is ever changed behind its end. If the disk fails, so does the server, at once: what is promised
/// and what is kept would part otherwise.
public final class FileJournal implements Journal {
    /// A file takes no more entries from here on.
    private static final long FULL = 32L << 20;

    private static final String SUFFIX = ".journal";

    private final Path directory;
    private final Consumer<Error> halt;
    private final Batches<Entry> batches = new Batches<>();
    private final Thread writer = Thread.ofPlatform().name("journal").unstarted(this::write);

    /// All below are guarded by this.
    private final List<Segment> segments = new ArrayList<>();

    private Optional<Segment> underWay = Optional.empty();
    private long appended;
    private long durable;
    private boolean replaying = true;
    private boolean open = true;

    private FileJournal(Path directory, Consumer<Error> halt) {
        this.directory = directory;
        this.halt = halt;
    }

    /// Opens the journal in `directory`, which is made if need be. It replays until [#replay] is
    /// through.
    ///
    /// @param halt told if the disk fails
    public static FileJournal open(Path directory, Consumer<Error> halt) {
        FileJournal journal = new FileJournal(directory, halt);
        try {
            Files.createDirectories(directory);
            try (Stream<Path> files = Files.list(directory)) {
                files.filter(file -> file.toString().endsWith(SUFFIX))
                        .sorted()
                        .map(Segment::new)
                        .forEach(journal.segments::add);
            }
            for (Segment segment : journal.segments) {
                segment.read(_ -> {});
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
        return journal;
    }

    @Override
    public void replay(Consumer<Entry> each) {
        for (Segment segment : List.copyOf(segments)) {
            try {
                segment.read(each);
            } catch (IOException failure) {
                throw new UncheckedIOException(failure);
            }
        }
        synchronized (this) {
            replaying = false;
            drop();
        }
        writer.start();
    }

    @Override
    public synchronized boolean isReplaying() {
        return replaying;
    }

    @Override
    public synchronized Ticket append(Entry entry) {
        if (replaying) {
            return Ticket.NONE;
        }
        batches.add(entry);
        long number = ++appended;
        return () -> await(number);
    }

    @Override
    public synchronized Ticket all() {
        long number = appended;
        return () -> await(number);
    }

    private synchronized void await(long number) {
        try {
            while (durable < number && open) {
                wait();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        if (durable < number) {
            throw new IllegalStateException("the journal is closed");
        }
    }

    private void write() {
        try (Writing writing = new Writing()) {
            for (List<Entry> batch = batches.take(); !batch.isEmpty(); batch = batches.take()) {
                writing.write(batch);
                done(batch.size());
            }
        } catch (IOException failure) {
            halt.accept(new IOError(failure));
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (Error lost) {
            halt.accept(lost);
        }
    }

    private synchronized void done(int count) {
        durable += count;
        notifyAll();
    }

    @Override
    public synchronized Optional<Span> span(String line) {
        return segments.stream().flatMap(segment -> segment.span(line).stream()).reduce(Span::with);
    }

    @Override
    public void passed(String line, long next) {
        release(segment -> segment.passed(line, next));
    }

    @Override
    public void closed(String line) {
        release(segment -> segment.closed(line));
    }

    @Override
    public void told(String name) {
        release(segment -> segment.told(name));
    }

    /// Deletes the files that nobody needs. One that is still to be replayed stays.
    private synchronized void release(Consumer<Segment> letGo) {
        segments.forEach(letGo);
        if (!replaying) {
            drop();
        }
    }

    /// But for the one that is being written.
    private void drop() {
        for (Segment segment : List.copyOf(segments)) {
            if (!segment.isNeeded() && underWay.filter(segment::equals).isEmpty()) {
                segments.remove(segment);
                try {
                    Files.deleteIfExists(segment.file());
                } catch (IOException failure) {
                    throw new UncheckedIOException(failure);
                }
            }
        }
    }

    /// How many bytes its files have.
    public synchronized long size() {
        return segments.stream().mapToLong(segment -> segment.file().toFile().length()).sum();
    }

    /// Writes what is there to its end.
    @Override
    public void close() {
        synchronized (this) {
            open = false;
            notifyAll();
        }
        batches.close();
        try {
            writer.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// The file under way. The writer's thread only.
    private final class Writing implements AutoCloseable {
        private FileChannel channel;
        private Segment segment;

        Writing() throws IOException {
            segment = next();
            channel = begin(segment);
        }

        void write(List<Entry> batch) throws IOException {
            for (Entry entry : batch) {
                if (channel.size() >= FULL) {
                    channel.force(true);
                    channel.close();
                    segment = next();
                    channel = begin(segment);
                }
                ByteBuffer bytes = entry.bytes();
                while (bytes.hasRemaining()) {
                    channel.write(bytes);
                }
                noted(entry);
            }
            channel.force(false);
        }

        private void noted(Entry entry) {
            synchronized (FileJournal.this) {
                segment.note(entry);
            }
        }

        private Segment next() {
            synchronized (FileJournal.this) {
                long last =
                        segments.isEmpty()
                                ? 0
                                : Long.parseLong(
                                        segments.getLast()
                                                .file()
                                                .getFileName()
                                                .toString()
                                                .replace(SUFFIX, ""));
                Segment fresh =
                        new Segment(directory.resolve("%08d%s".formatted(last + 1, SUFFIX)));
                segments.add(fresh);
                underWay = Optional.of(fresh);
                return fresh;
            }
        }

        private FileChannel begin(Segment fresh) throws IOException {
            FileChannel begun = FileChannel.open(fresh.file(), CREATE_NEW, WRITE);
            begun.write(ByteBuffer.wrap(Segment.MAGIC));
            begun.force(true);
            Durable.sync(directory);
            return begun;
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
