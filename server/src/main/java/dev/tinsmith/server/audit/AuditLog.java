package dev.tinsmith.server.audit;

import static java.lang.System.Logger.Level.ERROR;
import static java.lang.System.Logger.Level.WARNING;

import dev.tinsmith.engine.format.FormatException;
import dev.tinsmith.engine.format.JsonFile;
import dev.tinsmith.server.future.Owner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The log of a data directory: `audit/2026-11-24.jsonl` for each day (UTC), a line of JSON for
/// each entry, only ever appended to. Any thread may write and read.
///
/// Bounded: 90 days, 16 MiB a day. What goes beyond is not written, and the server's own log says
/// so, as it does when the disk refuses; nothing fails for it.
public final class AuditLog {
    /// How long a day's file is kept.
    static final int DAYS = 90;

    private static final System.Logger LOG = System.getLogger(AuditLog.class.getName());
    private static final long MOST_BYTES = 16L << 20;
    private static final String SUFFIX = ".jsonl";

    private final Path folder;
    private final InstantSource clock;

    private AuditLog(Path folder, InstantSource clock) {
        this.folder = folder;
        this.clock = clock;
    }

    /// The log of this data directory, which need not be there yet.
    public static AuditLog open(Path dataDirectory, InstantSource clock) {
        Path folder = dataDirectory.resolve("audit");
        try {
            Files.createDirectories(folder);
        } catch (IOException failure) {
            throw new UncheckedIOException("the audit log cannot be made", failure);
        }
        return new AuditLog(folder, clock);
    }

    /// Writes an entry at the end of its day. A line that a crash cut off is ended first.
    public synchronized void note(AuditEntry entry) {
        Path file = file(LocalDate.ofInstant(entry.at(), ZoneOffset.UTC));
        try {
            long size = Files.exists(file) ? Files.size(file) : 0;
            byte[] line = line(entry, size > 0 && isCutOff(file, size));
            if (size + line.length > MOST_BYTES) {
                LOG.log(WARNING, "the audit log of the day is full; not noted: {0}", entry.event());
                return;
            }
            Files.write(file, line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException failure) {
            LOG.log(ERROR, "not noted in the audit log: " + entry.event(), failure);
        }
    }

    /// The entries of one day, in the order in which they were written. A line that makes no sense
    /// is skipped.
    public List<AuditEntry> of(LocalDate day) {
        Path file = file(day);
        if (!Files.exists(file)) {
            return List.of();
        }
        try (Stream<String> lines = Files.lines(file, StandardCharsets.UTF_8)) {
            return lines.flatMap(line -> read(line).stream()).toList();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /// Deletes the files of days long past; to be called now and then.
    public synchronized void sweep() {
        String oldest =
                LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC).minusDays(DAYS) + SUFFIX;
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                if (file.getFileName().toString().compareTo(oldest) < 0) {
                    Files.delete(file);
                }
            }
        } catch (IOException failure) {
            LOG.log(WARNING, "old days of the audit log stay", failure);
        }
    }

    private Path file(LocalDate day) {
        return folder.resolve(day + SUFFIX);
    }

    private static boolean isCutOff(Path file, long size) throws IOException {
        try (SeekableByteChannel channel = Files.newByteChannel(file)) {
            ByteBuffer last = ByteBuffer.allocate(1);
            channel.position(size - 1);
            return channel.read(last) == 1 && last.get(0) != '\n';
        }
    }

    private static byte[] line(AuditEntry entry, boolean afterStump) {
        ObjectNode json =
                JsonFile.empty()
                        .put("timestamp", entry.at().toString())
                        .put("event", entry.event())
                        .put("by", entry.by().value());
        entry.details().forEach(json.putObject("details")::put);
        return ((afterStump ? "\n" : "") + json + "\n").getBytes(StandardCharsets.UTF_8);
    }

    private static Optional<AuditEntry> read(String line) {
        try {
            JsonNode json = JsonFile.parse("audit", line.getBytes(StandardCharsets.UTF_8));
            SortedMap<String, String> details = new TreeMap<>();
            json.required("details")
                    .properties()
                    .forEach(detail ->
                            details.put(detail.getKey(), detail.getValue().stringValue()));
            return Optional.of(
                    new AuditEntry(
                            Instant.parse(json.required("timestamp").stringValue()),
                            json.required("event").stringValue(),
                            new Owner(json.required("by").stringValue()),
                            details));
        } catch (FormatException | JacksonException | DateTimeException broken) {
            LOG.log(WARNING, "a line of the audit log makes no sense: {0}", broken);
            return Optional.empty();
        }
    }
}
