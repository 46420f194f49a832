package dev.tinsmith.engine.format;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// What a safetensors file says before its numbers: which tensors there are and where.
///
/// @param offsets where each tensor begins, counted from the first byte after the header
record SafetensorsHeader(
        SortedMap<String, TensorSpec> tensors,
        SortedMap<String, Long> offsets,
        SortedMap<String, String> metadata) {
    /// The bytes before the header, which hold its length.
    static final int PREFIX_BYTES = 8;

    /// The longest header that readers accept.
    static final long MAX_BYTES = 100_000_000;

    static final String METADATA = "__metadata__";
    static final String OFFSETS = "data_offsets";
    private static final int ALIGNMENT = 8;

    SafetensorsHeader {
        tensors = Collections.unmodifiableSortedMap(new TreeMap<>(tensors));
        offsets = Collections.unmodifiableSortedMap(new TreeMap<>(offsets));
        metadata = Collections.unmodifiableSortedMap(new TreeMap<>(metadata));
    }

    /// Reads the header `text` of the file called `file`, whose numbers take `dataBytes`.
    static SafetensorsHeader parse(String file, byte[] text, long dataBytes) {
        return new HeaderParser(file).parse(text, dataBytes);
    }

    /// The prefix and the header of a file that holds `tensors` in this order without gaps.
    static byte[] compose(Map<String, String> metadata, List<TensorSpec> tensors) {
        ObjectNode header = JsonFile.empty();
        if (!metadata.isEmpty()) {
            ObjectNode words = header.putObject(METADATA);
            new TreeMap<>(metadata).forEach(words::put);
        }
        long start = 0;
        for (TensorSpec tensor : tensors) {
            if (header.has(tensor.name()) || tensor.name().equals(METADATA)) {
                throw new IllegalArgumentException(
                        "a file holds one tensor called " + tensor.name());
            }
            ObjectNode entry = header.putObject(tensor.name());
            entry.put("dtype", tensor.dtype().name());
            ArrayNode shape = entry.putArray("shape");
            tensor.shape().forEach(shape::add);
            entry.putArray(OFFSETS).add(start).add(start + tensor.bytes());
            start += tensor.bytes();
        }
        byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
        int length = Math.ceilDiv(json.length, ALIGNMENT) * ALIGNMENT;
        byte[] whole = Arrays.copyOf(littleEndian(length), PREFIX_BYTES + length);
        Arrays.fill(whole, PREFIX_BYTES, whole.length, (byte) ' ');
        System.arraycopy(json, 0, whole, PREFIX_BYTES, json.length);
        return whole;
    }

    private static byte[] littleEndian(long value) {
        byte[] bytes = new byte[PREFIX_BYTES];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (value >>> (Byte.SIZE * i));
        }
        return bytes;
    }
}
