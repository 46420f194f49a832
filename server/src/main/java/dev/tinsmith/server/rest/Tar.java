package dev.tinsmith.server.rest;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/// Files in one file, as POSIX lays them out (ustar).
final class Tar implements AutoCloseable {
    private static final int BLOCK = 512;

    /// What eleven octal digits can say.
    private static final long LARGEST = (1L << 33) - 1;

    private final OutputStream out;
    private final Instant time;

    private Tar(OutputStream out, Instant time) {
        this.out = out;
        this.time = time;
    }

    /// An archive in the new file `file`, of what is from `time`.
    static Tar into(Path file, Instant time) throws IOException {
        return new Tar(new BufferedOutputStream(Files.newOutputStream(file)), time);
    }

    /// The file at `path`, by its last name.
    void add(Path path) throws IOException {
        long size = Files.size(path);
        out.write(header(path.getFileName().toString(), size));
        Files.copy(path, out);
        out.write(new byte[Math.floorMod(-size, BLOCK)]);
    }

    /// A file without content.
    void addEmpty(String name) throws IOException {
        out.write(header(name, 0));
    }

    private byte[] header(String name, long size) throws IOException {
        if (name.length() > 100 || size > LARGEST) {
            throw new IOException("'%s' of %d bytes does not go into a tar".formatted(name, size));
        }
        byte[] block = new byte[BLOCK];
        put(block, 0, name);
        put(block, 100, "0000644\0" + "0000000\0" + "0000000\0");
        put(block, 124, "%011o\0%011o\0".formatted(size, time.getEpochSecond()));
        put(block, 148, "        0");
        put(block, 257, "ustar\00000");
        int sum = 0;
        for (byte each : block) {
            sum += each & 0xff;
        }
        put(block, 148, "%06o\0 ".formatted(sum));
        return block;
    }

    private static void put(byte[] block, int at, String text) {
        byte[] bytes = text.getBytes(US_ASCII);
        System.arraycopy(bytes, 0, block, at, bytes.length);
    }

    /// Ends the archive.
    @Override
    public void close() throws IOException {
        try (out) {
            out.write(new byte[2 * BLOCK]);
        }
    }
}
