package dev.tinsmith.engine.format;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Writes a safetensors file from front to back, so that a model larger than memory goes through.
/// Written, not mapped: a disk that fills up is then an exception, not a crash.
public final class SafetensorsWriter implements AutoCloseable {
    /// How much is handed to the channel at once.
    private static final int CHUNK_BYTES = 1 << 20;

    private final ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
    private final FileChannel channel;
    private final long expected;
    private long written;

    private SafetensorsWriter(FileChannel channel, long expected) {
        this.channel = channel;
        this.expected = expected;
    }

    /// Creates `file` for `tensors`; their numbers are then given in this order.
    public static SafetensorsWriter create(
            Path file, Map<String, String> metadata, List<TensorSpec> tensors) throws IOException {
        byte[] header = SafetensorsHeader.compose(metadata, tensors);
        long expected = tensors.stream().mapToLong(TensorSpec::bytes).sum();
        FileChannel channel = FileChannel.open(file, CREATE_NEW, WRITE);
        try {
            SafetensorsWriter writer = new SafetensorsWriter(channel, expected);
            writer.put(ByteBuffer.wrap(header));
            return writer;
        } catch (IOException failure) {
            channel.close();
            throw failure;
        }
    }

    /// Appends `numbers`, little-endian, which may be a part of a tensor.
    public void append(MemorySegment numbers) throws IOException {
        written += numbers.byteSize();
        MemorySegment room = MemorySegment.ofBuffer(chunk.clear());
        for (long at = 0; at < numbers.byteSize(); at += CHUNK_BYTES) {
            long length = Math.min(CHUNK_BYTES, numbers.byteSize() - at);
            MemorySegment.copy(numbers, at, room, 0, length);
            put(chunk.clear().limit((int) length));
        }
    }

    /// Forces everything to the disk. A file that is not finished is worthless.
    public void finish() throws IOException {
        complete();
        channel.force(true);
    }

    /// As [#finish], and leaves the forcing to others.
    void complete() {
        if (written != expected) {
            throw new IllegalStateException(
                    "%d bytes of numbers were written; the tensors take %d"
                            .formatted(written, expected));
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private void put(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
