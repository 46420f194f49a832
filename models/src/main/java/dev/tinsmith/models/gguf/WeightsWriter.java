package dev.tinsmith.models.gguf;

import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.tinsmith.engine.format.TensorSpec;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/// Writes one safetensors file from front to back, a row at a time, so that a model larger than
/// memory goes through. Written, not mapped: a disk that fills up is then an exception, not a
/// crash.
final class WeightsWriter implements AutoCloseable {
    private static final int HEADER_ALIGNMENT = 8;
    private static final int BUFFER_BYTES = 1 << 20;

    private final FileChannel channel;
    private final ByteBuffer buffer =
            ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);

    private WeightsWriter(FileChannel channel) {
        this.channel = channel;
    }

    /// Creates `file` for `tensors`, whose data is then given in their order.
    static WeightsWriter create(Path file, List<TensorSpec> tensors) throws IOException {
        byte[] header = header(tensors);
        FileChannel channel = FileChannel.open(file, CREATE_NEW, WRITE);
        try {
            WeightsWriter writer = new WeightsWriter(channel);
            writer.buffer.putLong(header.length);
            writer.bytes(MemorySegment.ofArray(header));
            return writer;
        } catch (IOException failure) {
            channel.close();
            throw failure;
        }
    }

    /// Appends the first `count` of `numbers`, as F32.
    void floats(float[] numbers, int count) throws IOException {
        for (int i = 0; i < count; i++) {
            if (buffer.remaining() < Float.BYTES) {
                flush();
            }
            buffer.putFloat(numbers[i]);
        }
    }

    /// Appends `bytes` as they are.
    void bytes(MemorySegment bytes) throws IOException {
        for (long at = 0; at < bytes.byteSize(); ) {
            if (!buffer.hasRemaining()) {
                flush();
            }
            int length = (int) Math.min(buffer.remaining(), bytes.byteSize() - at);
            buffer.put(bytes.asSlice(at, length).asByteBuffer());
            at += length;
        }
    }

    /// Forces everything to the disk.
    void finish() throws IOException {
        flush();
        channel.force(true);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private static byte[] header(List<TensorSpec> tensors) {
        Map<String, Object> header = new LinkedHashMap<>();
        header.put("__metadata__", Map.of("format", "pt"));
        long start = 0;
        for (TensorSpec tensor : tensors) {
            Map<String, Object> entry = new LinkedHashMap<>();
            entry.put("dtype", tensor.dtype().name());
            entry.put("shape", tensor.shape());
            entry.put("data_offsets", List.of(start, start + tensor.bytes()));
            header.put(tensor.name(), entry);
            start += tensor.bytes();
        }
        String json = JsonMapper.shared().writeValueAsString(header);
        int length = json.getBytes(StandardCharsets.UTF_8).length;
        int padding = Math.ceilDiv(length, HEADER_ALIGNMENT) * HEADER_ALIGNMENT - length;
        return (json + " ".repeat(padding)).getBytes(StandardCharsets.UTF_8);
    }

    private void flush() throws IOException {
        buffer.flip();
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        buffer.clear();
    }
}
