package dev.tinsmith.engine.format;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/// Reads the header of one safetensors file, and names the file in every refusal.
record HeaderParser(String file) {
    SafetensorsHeader parse(byte[] text, long dataBytes) {
        SortedMap<String, TensorSpec> tensors = new TreeMap<>();
        SortedMap<String, String> metadata = new TreeMap<>();
        List<Span> spans = new ArrayList<>();
        for (Map.Entry<String, JsonNode> entry :
                JsonFile.parse("the header of " + file, text).properties()) {
            if (entry.getKey().equals(SafetensorsHeader.METADATA)) {
                metadata.putAll(words(entry.getValue()));
            } else {
                TensorSpec tensor = tensor(entry.getKey(), entry.getValue());
                tensors.put(tensor.name(), tensor);
                spans.add(span(tensor, entry.getValue().path(SafetensorsHeader.OFFSETS)));
            }
        }
        SortedMap<String, Long> offsets = withoutGaps(spans, dataBytes);
        return new SafetensorsHeader(tensors, offsets, metadata);
    }

    private SortedMap<String, String> words(JsonNode node) {
        SortedMap<String, String> words = new TreeMap<>();
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
            String word =
                    entry.getValue()
                            .stringValueOpt()
                            .orElseThrow(() ->
                                    broken(
                                            "says %s is no text; metadata are texts"
                                                    .formatted(entry.getKey())));
            words.put(entry.getKey(), word);
        }
        if (!node.isObject()) {
            throw broken("has %s that is no object".formatted(SafetensorsHeader.METADATA));
        }
        return words;
    }

    private TensorSpec tensor(String name, JsonNode entry) {
        String dtype = entry.path("dtype").asString("");
        DType known =
                DType.named(dtype)
                        .orElseThrow(() ->
                                new FormatException(
                                        "%s stores %s as '%s'; the dtypes that are read are %s, convert the file to one of them"
                                                .formatted(
                                                        file,
                                                        name,
                                                        dtype,
                                                        List.of(DType.values()))));
        try {
            return new TensorSpec(name, known, sizes(name, entry.path("shape")));
        } catch (IllegalArgumentException refused) {
            throw broken("says " + refused.getMessage());
        }
    }

    private List<Long> sizes(String name, JsonNode list) {
        List<Long> sizes = new ArrayList<>();
        for (JsonNode size : list) {
            sizes.add(
                    size.longValueOpt()
                            .orElseThrow(
                                    () -> broken("gives %s the size %s".formatted(name, size))));
        }
        if (!list.isArray()) {
            throw broken("gives %s no list of sizes".formatted(name));
        }
        return sizes;
    }

    private Span span(TensorSpec tensor, JsonNode offsets) {
        List<Long> ends = sizes(tensor.name(), offsets);
        if (ends.size() != 2 || ends.get(0) < 0 || ends.get(1) < ends.get(0)) {
            throw broken(
                    "puts %s at %s, which is no begin and end".formatted(tensor.name(), offsets));
        }
        Span span = new Span(tensor.name(), ends.get(0), ends.get(1));
        if (span.end - span.begin != tensor.bytes()) {
            throw broken(
                    "gives %s %d bytes; %s in the shape %s takes %d"
                            .formatted(
                                    tensor.name(),
                                    span.end - span.begin,
                                    tensor.dtype(),
                                    tensor.shape(),
                                    tensor.bytes()));
        }
        return span;
    }

    private SortedMap<String, Long> withoutGaps(List<Span> spans, long dataBytes) {
        SortedMap<String, Long> offsets = new TreeMap<>();
        spans.sort(Comparator.comparingLong(Span::begin).thenComparingLong(Span::end));
        long end = 0;
        for (Span span : spans) {
            if (span.end > dataBytes) {
                throw broken(
                        "puts %s at bytes %d to %d; there are %d"
                                .formatted(span.name, span.begin, span.end, dataBytes));
            }
            if (span.begin < end) {
                throw broken(
                        "puts %s at byte %d, inside another tensor"
                                .formatted(span.name, span.begin));
            }
            if (span.begin > end) {
                throw broken("leaves bytes %d to %d without a tensor".formatted(end, span.begin));
            }
            offsets.put(span.name, span.begin);
            end = span.end;
        }
        if (end != dataBytes) {
            throw broken("leaves bytes %d to %d without a tensor".formatted(end, dataBytes));
        }
        return offsets;
    }

    private FormatException broken(String what) {
        return new FormatException(
                "%s %s; it is broken, take it from its source again".formatted(file, what));
    }

    private record Span(String name, long begin, long end) {}
}
