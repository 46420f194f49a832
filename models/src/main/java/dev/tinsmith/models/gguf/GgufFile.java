package dev.tinsmith.models.gguf;

import dev.tinsmith.engine.format.FormatException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// A GGUF file, version 2 or 3, mapped into memory and checked before anything of it is used.
final class GgufFile implements AutoCloseable {
    private static final int MAGIC = 0x46554747; // "GGUF", little-endian
    private static final int DEFAULT_ALIGNMENT = 32;
    private static final int MAX_DIMENSIONS = 4;

    private final Arena arena;
    private final GgufMetadata metadata;
    private final SequencedMap<String, GgufTensor> tensors;

    private GgufFile(Arena arena, GgufMetadata metadata, SequencedMap<String, GgufTensor> tensors) {
        this.arena = arena;
        this.metadata = metadata;
        this.tensors = Collections.unmodifiableSequencedMap(tensors);
    }

    /// Maps `file` and reads its header.
    ///
    /// @throws FormatException if it is not a GGUF file, is cut short, or contradicts itself
    static GgufFile open(Path file) {
        String name = String.valueOf(file.getFileName());
        Arena arena = Arena.ofShared();
        try {
            return read(name, arena, map(name, file, arena));
        } catch (FormatException refused) {
            arena.close();
            throw refused;
        }
    }

    GgufMetadata metadata() {
        return metadata;
    }

    /// In the order of the file.
    SequencedMap<String, GgufTensor> tensors() {
        return tensors;
    }

    Optional<GgufTensor> tensor(String name) {
        return Optional.ofNullable(tensors.get(name));
    }

    @Override
    public void close() {
        arena.close();
    }

    private static MemorySegment map(String name, Path file, Arena arena) {
        try (FileChannel channel = FileChannel.open(file)) {
            return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
        } catch (IOException failure) {
            throw new FormatException(
                    "%s cannot be read (%s)".formatted(name, failure.getClass().getSimpleName()),
                    failure);
        }
    }

    private static GgufFile read(String name, Arena arena, MemorySegment bytes) {
        GgufCursor cursor = new GgufCursor(name, bytes);
        if (bytes.byteSize() < Integer.BYTES || cursor.integer("its first bytes") != MAGIC) {
            throw new FormatException(
                    "%s is not a GGUF file; its first bytes are not 'GGUF'".formatted(name));
        }
        int version = cursor.integer("its version");
        if (version != 2 && version != 3) {
            throw new FormatException(
                    "%s is GGUF version %s%s; versions 2 and 3 are read, convert the model again"
                            .formatted(
                                    name,
                                    Integer.toUnsignedString(version),
                                    (version & 0xFFFF) == 0 ? " (big-endian)" : ""));
        }
        int tensorCount = cursor.count("its tensors", 24);
        int keyCount = cursor.count("its metadata", 13);
        GgufMetadata metadata = new GgufMetadata(name, values(name, cursor, keyCount));
        List<Described> described = new ArrayList<>(tensorCount);
        for (int i = 0; i < tensorCount; i++) {
            described.add(describe(name, cursor));
        }
        int alignment = metadata.integer("general.alignment", DEFAULT_ALIGNMENT);
        if (alignment < 1 || Integer.bitCount(alignment) != 1) {
            throw new FormatException(
                    "%s says general.alignment is %d; it must be a power of two"
                            .formatted(name, alignment));
        }
        long data = Math.ceilDiv(cursor.position(), alignment) * alignment;
        checkPlaces(name, described, alignment, bytes.byteSize() - data);
        SequencedMap<String, GgufTensor> tensors = new LinkedHashMap<>();
        for (Described one : described) {
            if (tensors.containsKey(one.name())) {
                throw broken(name, "has two tensors called " + one.name());
            }
            MemorySegment place = bytes.asSlice(data + one.offset(), one.length());
            tensors.put(one.name(), new GgufTensor(one.name(), one.type(), one.shape(), place));
        }
        return new GgufFile(arena, metadata, tensors);
    }

    private static Map<String, GgufValue> values(String name, GgufCursor cursor, int count) {
        Map<String, GgufValue> values = new HashMap<>();
        for (int i = 0; i < count; i++) {
            String key = cursor.text("the key of its metadata entry " + i);
            if (values.containsKey(key)) {
                throw broken(name, "says " + key + " twice");
            }
            values.put(key, cursor.value(key));
        }
        return values;
    }

    private static Described describe(String file, GgufCursor cursor) {
        String name = cursor.text("the name of a tensor");
        int dimensions = cursor.integer("the shape of " + name);
        if (dimensions < 1 || dimensions > MAX_DIMENSIONS) {
            throw broken(
                    file,
                    "gives tensor %s %s dimensions, where 1 to %d are known"
                            .formatted(name, Integer.toUnsignedString(dimensions), MAX_DIMENSIONS));
        }
        List<Long> shape = new ArrayList<>();
        for (int i = 0; i < dimensions; i++) {
            shape.addFirst(cursor.wide("the shape of " + name));
        }
        int typeId = cursor.integer("the type of " + name);
        long offset = cursor.wide("the place of " + name);
        GgmlType type =
                GgmlType.of(typeId)
                        .orElseThrow(() ->
                                new FormatException(
                                        "%s stores tensor %s as %s, which is not read; quantise the model to one of %s"
                                                .formatted(
                                                        file,
                                                        name,
                                                        GgmlType.nameOf(typeId),
                                                        Arrays.toString(GgmlType.values()))));
        return new Described(name, type, shape, offset, length(file, name, type, shape));
    }

    /// The bytes of a tensor, whose rows are whole blocks.
    private static long length(String file, String name, GgmlType type, List<Long> shape) {
        long columns = shape.getLast();
        try {
            long elements = shape.stream().reduce(1L, Math::multiplyExact);
            if (shape.stream().anyMatch(size -> size < 1)
                    || columns > Integer.MAX_VALUE - 512
                    || columns % type.elements() != 0) {
                throw broken(
                        file,
                        "gives tensor %s the shape %s, which %s cannot have"
                                .formatted(name, shape, type));
            }
            return Math.multiplyExact(elements / type.elements(), (long) type.bytes());
        } catch (ArithmeticException _) {
            throw broken(file, "gives tensor %s the shape %s, too large".formatted(name, shape));
        }
    }

    private static void checkPlaces(
            String file, List<Described> tensors, int alignment, long available) {
        long free = 0;
        String before = "";
        for (Described one :
                tensors.stream().sorted(Comparator.comparingLong(Described::offset)).toList()) {
            if (one.offset() < 0 || one.offset() % alignment != 0) {
                throw broken(
                        file,
                        "puts tensor %s at %s, which is not a multiple of %d"
                                .formatted(
                                        one.name(),
                                        Long.toUnsignedString(one.offset()),
                                        alignment));
            }
            if (one.offset() < free) {
                throw broken(file, "puts tensor %s over %s".formatted(one.name(), before));
            }
            if (one.length() > available - one.offset()) {
                throw new FormatException(
                        "%s ends before the end of tensor %s; it is cut short, download it again"
                                .formatted(file, one.name()));
            }
            free = one.offset() + one.length();
            before = one.name();
        }
    }

    private static FormatException broken(String file, String what) {
        return new FormatException(
                "%s %s; it is broken, download it or convert the model again"
                        .formatted(file, what));
    }

    /// A tensor's entry in the header; `offset` counts from the start of the data.
    private record Described(
            String name, GgmlType type, List<Long> shape, long offset, long length) {}
}
