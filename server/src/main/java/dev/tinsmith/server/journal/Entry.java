package dev.tinsmith.server.journal;

import com.github.luben.zstd.Zstd;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.CRC32C;

/// One request as it is kept.
///
/// On disk: a mark, the lengths and checksums, then a header that says whose it is, and the packed
/// request. Header and request have a checksum each, so that of a damaged request it is still known
/// whom it concerns.
public final class Entry {
    static final int PREFIX = 5 * Integer.BYTES;
    static final int MARK = 0x54_4a_52_31;

    /// No request is larger; what says so is no entry.
    private static final int MOST = 1 << 30;

    private final Verb verb;
    private final String owner;
    private final String line;
    private final long sequence;
    private final String fingerprint;
    private final ByteBuffer packed;
    private final int checksum;

    private Entry(
            Verb verb,
            String owner,
            String line,
            long sequence,
            String fingerprint,
            ByteBuffer packed,
            int checksum) {
        this.verb = verb;
        this.owner = owner;
        this.line = line;
        this.sequence = sequence;
        this.fingerprint = fingerprint;
        this.packed = packed;
        this.checksum = checksum;
    }

    /// One to be written.
    ///
    /// @param line the run, or the sampler, whose numbers count this request
    /// @param fingerprint equal for equal requests, and for no others
    /// @param payload what [#verb] reads
    public static Entry of(
            Verb verb,
            String owner,
            String line,
            long sequence,
            String fingerprint,
            byte[] payload) {
        byte[] packed = Zstd.compress(payload, 1);
        return new Entry(
                verb, owner, line, sequence, fingerprint, ByteBuffer.wrap(packed), crc(packed));
    }

    public Verb verb() {
        return verb;
    }

    public String owner() {
        return owner;
    }

    public String line() {
        return line;
    }

    public long sequence() {
        return sequence;
    }

    public String fingerprint() {
        return fingerprint;
    }

    /// The request.
    ///
    /// @throws DamagedException if the disk did not keep it
    public byte[] payload() {
        byte[] bytes = new byte[packed.remaining()];
        packed.get(packed.position(), bytes);
        if (crc(bytes) != checksum) {
            throw new DamagedException(
                    "the request under number %d of '%s' is damaged on the disk of this server"
                            .formatted(sequence, line));
        }
        return Zstd.decompress(bytes, Math.toIntExact(Zstd.getFrameContentSize(bytes)));
    }

    /// What it is known by: the name of its promise.
    public String name() {
        return line + ":" + sequence;
    }

    /// As it is written.
    ByteBuffer bytes() {
        List<byte[]> texts =
                Stream.of(verb.name(), owner, line, fingerprint)
                        .map(text -> text.getBytes(StandardCharsets.UTF_8))
                        .toList();
        int header =
                Long.BYTES + texts.stream().mapToInt(text -> Integer.BYTES + text.length).sum();
        ByteBuffer bytes = ByteBuffer.allocate(PREFIX + header + packed.remaining());
        bytes.putInt(MARK).putInt(header).putInt(packed.remaining()).putInt(checksum).putInt(0);
        bytes.putLong(sequence);
        texts.forEach(text -> bytes.putInt(text.length).put(text));
        bytes.putInt(PREFIX - Integer.BYTES, headerCrc(bytes, 0, header));
        return bytes.put(packed.duplicate()).flip();
    }

    /// How many bytes the entry at `at` has, if there is one, whether its request is whole or not.
    static int length(ByteBuffer file, int at) {
        if (file.limit() - at < PREFIX || file.getInt(at) != MARK) {
            return 0;
        }
        int header = file.getInt(at + Integer.BYTES);
        int payload = file.getInt(at + 2 * Integer.BYTES);
        boolean plausible = header > 0 && payload >= 0 && header < MOST && payload < MOST;
        return plausible
                        && PREFIX + (long) header + payload <= file.limit() - at
                        && headerCrc(file, at, header) == file.getInt(at + PREFIX - Integer.BYTES)
                ? PREFIX + header + payload
                : 0;
    }

    /// The entry at `at`, where [#length] says there is one.
    static Entry read(ByteBuffer file, int at) {
        int header = file.getInt(at + Integer.BYTES);
        int payload = file.getInt(at + 2 * Integer.BYTES);
        ByteBuffer bytes = file.duplicate().position(at + PREFIX);
        long sequence = bytes.getLong();
        return new Entry(
                Verb.valueOf(text(bytes)),
                text(bytes),
                text(bytes),
                sequence,
                text(bytes),
                file.slice(at + PREFIX + header, payload),
                file.getInt(at + 3 * Integer.BYTES));
    }

    private static String text(ByteBuffer bytes) {
        byte[] text = new byte[bytes.getInt()];
        bytes.get(text);
        return new String(text, StandardCharsets.UTF_8);
    }

    /// Over the lengths, the request's checksum and the header.
    private static int headerCrc(ByteBuffer file, int at, int header) {
        CRC32C crc = new CRC32C();
        crc.update(file.slice(at, PREFIX - Integer.BYTES));
        crc.update(file.slice(at + PREFIX, header));
        return (int) crc.getValue();
    }

    private static int crc(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return (int) crc.getValue();
    }
}
