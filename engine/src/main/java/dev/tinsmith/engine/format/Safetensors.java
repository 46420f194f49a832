package dev.tinsmith.engine.format;

import static java.nio.channels.FileChannel.MapMode.READ_ONLY;
import static java.util.Comparator.comparingInt;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/// One safetensors file, mapped into memory. Its header is checked when it is opened; any thread
/// may read until it is closed.
public final class Safetensors implements AutoCloseable {
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final String file;
    private final Arena arena;
    private final MemorySegment data;
    private final SafetensorsHeader header;

    private Safetensors(String file, Arena arena, MemorySegment data, SafetensorsHeader header) {
        this.file = file;
        this.arena = arena;
        this.data = data;
        this.header = header;
    }

    /// A tensor and its numbers, little-endian and row-major.
    public record Entry(TensorSpec spec, MemorySegment data) {
        public Entry {
            if (data.byteSize() != spec.bytes()) {
                throw new IllegalArgumentException(
                        "%s takes %d bytes, not %d"
                                .formatted(spec.name(), spec.bytes(), data.byteSize()));
            }
        }
    }

    /// Opens `file`.
    ///
    /// @throws FormatException if it is no safetensors file, or a broken one
    public static Safetensors open(Path file) {
        Arena arena = Arena.ofShared();
        boolean opened = false;
        try (FileChannel channel = FileChannel.open(file)) {
            MemorySegment whole = channel.map(READ_ONLY, 0, channel.size(), arena);
            Safetensors tensors = over(JsonFile.nameOf(file), arena, whole);
            opened = true;
            return tensors;
        } catch (NoSuchFileException missing) {
            throw new FormatException(
                    "%s is missing; take it from its source again".formatted(JsonFile.nameOf(file)),
                    missing);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } finally {
            if (!opened) {
                arena.close();
            }
        }
    }

    private static Safetensors over(String name, Arena arena, MemorySegment whole) {
        long room = whole.byteSize() - SafetensorsHeader.PREFIX_BYTES;
        if (room < 0) {
            throw new FormatException(
                    "%s has %d bytes; a safetensors file begins with 8 bytes of length, take it from its source again"
                            .formatted(name, whole.byteSize()));
        }
        long length = whole.get(LONG, 0);
        if (length < 0 || length > Math.min(room, SafetensorsHeader.MAX_BYTES)) {
            throw new FormatException(
                    "%s says its header has %s bytes; the file has %d and a header at most %d, so it is no safetensors file or cut short"
                            .formatted(
                                    name,
                                    Long.toUnsignedString(length),
                                    whole.byteSize(),
                                    SafetensorsHeader.MAX_BYTES));
        }
        byte[] text =
                whole.asSlice(SafetensorsHeader.PREFIX_BYTES, length)
                        .toArray(ValueLayout.JAVA_BYTE);
        MemorySegment data = whole.asSlice(SafetensorsHeader.PREFIX_BYTES + length).asReadOnly();
        return new Safetensors(
                name, arena, data, SafetensorsHeader.parse(name, text, data.byteSize()));
    }

    /// Writes a new file and forces it to the disk. Wider dtypes come first, so that every tensor
    /// lies at a multiple of its dtype's size.
    public static void write(Path file, Map<String, String> metadata, List<Entry> entries) {
        List<Entry> aligned =
                entries.stream()
                        .sorted(comparingInt(entry -> -entry.spec().dtype().bytes()))
                        .toList();
        List<TensorSpec> specs = aligned.stream().map(Entry::spec).toList();
        try (SafetensorsWriter writer = SafetensorsWriter.create(file, metadata, specs)) {
            for (Entry entry : aligned) {
                writer.append(entry.data());
            }
            writer.finish();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    /// Every tensor, by name.
    public SortedMap<String, TensorSpec> tensors() {
        return header.tensors();
    }

    /// The free texts in the header.
    public Map<String, String> metadata() {
        return header.metadata();
    }

    /// The bytes of a tensor, read-only, until this is closed. They may lie at any address.
    public MemorySegment data(String name) {
        TensorSpec spec = spec(name);
        return data.asSlice(header.offsets().getOrDefault(name, 0L), spec.bytes());
    }

    /// The numbers of a tensor, F32, F16 or BF16, as floats.
    public float[] floats(String name) {
        TensorSpec spec = spec(name);
        if (spec.elements() > Integer.MAX_VALUE - 8) {
            throw new FormatException(
                    "%s has %d numbers in %s, too many to be read at once"
                            .formatted(file, spec.elements(), name));
        }
        return floats(name, 0, (int) spec.elements());
    }

    /// `count` of the numbers of a tensor, from the one at `first` on.
    public float[] floats(String name, long first, int count) {
        TensorSpec spec = spec(name);
        float[] floats = new float[count];
        int width = spec.dtype().bytes();
        MemorySegment bytes = data(name).asSlice(first * width, (long) count * width);
        switch (spec.dtype()) {
            case F32 -> MemorySegment.copy(bytes, FLOAT, 0, floats, 0, floats.length);
            case F16 -> {
                for (int i = 0; i < floats.length; i++) {
                    floats[i] = Float.float16ToFloat(bytes.get(SHORT, (long) i * Short.BYTES));
                }
            }
            case BF16 -> {
                for (int i = 0; i < floats.length; i++) {
                    int high = bytes.get(SHORT, (long) i * Short.BYTES);
                    floats[i] = Float.intBitsToFloat(high << Short.SIZE);
                }
            }
            case F64, I64, I32, I16, I8, U8, BOOL ->
                    throw new FormatException(
                            "%s stores %s as %s; weights are F32, F16 or BF16, convert it"
                                    .formatted(file, name, spec.dtype()));
        }
        return floats;
    }

    @Override
    public void close() {
        arena.close();
    }

    private TensorSpec spec(String name) {
        return Optional.ofNullable(header.tensors().get(name))
                .orElseThrow(() ->
                        new FormatException(
                                "%s holds no tensor %s; it belongs to another model, or is broken"
                                        .formatted(file, name)));
    }
}
