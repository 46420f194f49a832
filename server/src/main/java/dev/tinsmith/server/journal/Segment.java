package dev.tinsmith.server.journal;

import static java.lang.System.Logger.Level.ERROR;
import static java.lang.System.Logger.Level.INFO;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// One file of the journal, and who still needs it. Guarded by [FileJournal].
final class Segment {
    private static final System.Logger LOG = System.getLogger(Segment.class.getName());

    /// With which each file begins; the digit is the version of what follows.
    static final byte[] MAGIC = "tinjrnl1".getBytes(StandardCharsets.US_ASCII);

    private final Path file;

    /// The numbers of each run in it.
    private final Map<String, Span> runs = new HashMap<>();

    /// The samples in it that are not told.
    private final Set<String> samples = new HashSet<>();

    Segment(Path file) {
        this.file = file;
    }

    Path file() {
        return file;
    }

    void note(Entry entry) {
        if (entry.verb().isAlone()) {
            samples.add(entry.name());
        } else {
            Span number = new Span(entry.sequence(), entry.sequence());
            runs.merge(entry.line(), number, Span::with);
        }
    }

    Optional<Span> span(String line) {
        return Optional.ofNullable(runs.get(line));
    }

    void passed(String line, long next) {
        if (span(line).filter(span -> span.last() < next).isPresent()) {
            runs.remove(line);
        }
    }

    void closed(String line) {
        runs.remove(line);
        samples.removeIf(name -> name.startsWith(line + ":"));
    }

    void told(String name) {
        samples.remove(name);
    }

    boolean isNeeded() {
        return !runs.isEmpty() || !samples.isEmpty();
    }

    /// Tells `each` what is in it. An entry that was not written to its end is the last one, and
    /// was never promised to anybody; what is damaged between others is left out and named.
    void read(Consumer<Entry> each) throws IOException {
        try (FileChannel channel = FileChannel.open(file);
                Arena arena = Arena.ofConfined()) {
            ByteBuffer bytes =
                    channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena)
                            .asByteBuffer();
            if (bytes.limit() >= MAGIC.length) {
                check(bytes);
                read(bytes, each);
            }
        }
    }

    private void check(ByteBuffer bytes) {
        if (!bytes.slice(0, MAGIC.length).equals(ByteBuffer.wrap(MAGIC))) {
            throw new DamagedException(
                    "%s was not written by this version; start the newer version that wrote it, or set the file aside and lose what is in it"
                            .formatted(file.getFileName()));
        }
    }

    private void read(ByteBuffer bytes, Consumer<Entry> each) {
        int at = MAGIC.length;
        while (at < bytes.limit()) {
            int length = Entry.length(bytes, at);
            if (length > 0) {
                Entry entry = Entry.read(bytes, at);
                note(entry);
                each.accept(entry);
                at += length;
            } else {
                at = skip(bytes, at);
            }
        }
    }

    private int skip(ByteBuffer bytes, int from) {
        for (int at = from + 1; at <= bytes.limit() - Entry.PREFIX; at++) {
            if (Entry.length(bytes, at) > 0) {
                LOG.log(
                        ERROR,
                        "{0} is damaged between its bytes {1} and {2}; whatever was asked there is lost",
                        file.getFileName(),
                        "" + from,
                        "" + at);
                return at;
            }
        }
        LOG.log(
                INFO,
                "{0} ends with {1} bytes of a request that nobody was told of",
                file.getFileName(),
                bytes.limit() - from);
        return bytes.limit();
    }
}
