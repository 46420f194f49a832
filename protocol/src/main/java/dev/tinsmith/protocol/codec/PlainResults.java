package dev.tinsmith.protocol.codec;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// The binary answers of the wire as older clients read them, in JSON. What those clients do not
/// know is left out.
public final class PlainResults {
    /// Stands for a log-probability that nobody computed.
    private static final float ABSENT = -99999f;

    private PlainResults() {}

    /// What [Results#passed] made.
    public static Passed passed(byte[] message) {
        Wire.ForwardBackwardOutput output =
                parsed(() -> Wire.ForwardBackwardOutput.parseFrom(message));
        List<SortedMap<String, Values>> outputs = new ArrayList<>();
        for (Wire.ArrayRecord some : output.getLossFnOutputsList()) {
            for (int datum = 0; datum < some.getNumDatums(); datum++) {
                SortedMap<String, Values> fields = new TreeMap<>();
                for (Map.Entry<String, Wire.BatchedTensor> field : some.getFieldsMap().entrySet()) {
                    fields.put(field.getKey(), values(field.getValue(), datum));
                }
                outputs.add(fields);
            }
        }
        return new Passed(
                output.getLossFnOutputType(), outputs, new TreeMap<>(output.getMetricsMap()));
    }

    private static Values values(Wire.BatchedTensor batched, int datum) {
        LongBuffer offsets = Bytes.of(batched.getOffsets(), Long.BYTES).asLongBuffer();
        ByteString own =
                batched.getData().substring((int) offsets.get(datum), (int) offsets.get(datum + 1));
        List<Double> values = floats(own);
        List<Integer> shape = new ArrayList<>();
        int width = 1;
        for (long length : batched.getTrailingShapeList()) {
            shape.add((int) length);
            width *= (int) length;
        }
        shape.addFirst(values.size() / Math.max(1, width));
        return new Values(values, "float32", shape);
    }

    /// What [Results#sampled] made.
    public static Sampled sampled(byte[] message) {
        Wire.SampleResponse response = parsed(() -> Wire.SampleResponse.parseFrom(message));
        return new Sampled(
                "sample",
                response.getSequencesList().stream()
                        .map(each ->
                                new Sequence(
                                        each.getStopReason() == Wire.StopReason.STOP
                                                ? "stop"
                                                : "length",
                                        ints(each.getTokens()),
                                        floats(each.getLogprobs())))
                        .toList(),
                response.hasPromptLogprobs()
                        ? Optional.of(
                                floats(response.getPromptLogprobs()).stream()
                                        .map(value -> Optional.of(value).filter(Double::isFinite))
                                        .toList())
                        : Optional.empty(),
                response.hasTopkPromptLogprobs()
                        ? Optional.of(top(response.getTopkPromptLogprobs()))
                        : Optional.empty());
    }

    private static List<Optional<List<List<Number>>>> top(Wire.TopkLogprobs top) {
        List<Integer> ids = ints(top.getTokenIds());
        List<Double> logprobs = floats(top.getLogprobs());
        List<Optional<List<List<Number>>>> rows = new ArrayList<>();
        for (int row = 0; row < top.getLength(); row++) {
            List<List<Number>> pairs = new ArrayList<>();
            for (int i = row * top.getK(); i < (row + 1) * top.getK(); i++) {
                if (logprobs.get(i) > ABSENT) {
                    pairs.add(List.of(ids.get(i), logprobs.get(i)));
                }
            }
            rows.add(Optional.of(pairs).filter(some -> !some.isEmpty()));
        }
        return rows;
    }

    /// As doubles, whose decimals are read back as the very same numbers.
    private static List<Double> floats(ByteString field) {
        FloatBuffer from = Bytes.of(field, Float.BYTES).asFloatBuffer();
        List<Double> values = new ArrayList<>(from.remaining());
        while (from.hasRemaining()) {
            values.add((double) from.get());
        }
        return values;
    }

    private static List<Integer> ints(ByteString field) {
        IntBuffer from = Bytes.of(field, Integer.BYTES).asIntBuffer();
        List<Integer> values = new ArrayList<>(from.remaining());
        while (from.hasRemaining()) {
            values.add(from.get());
        }
        return values;
    }

    private static <T> T parsed(Parsing<T> parsing) {
        try {
            return parsing.parse();
        } catch (InvalidProtocolBufferException impossible) {
            throw new IllegalStateException("this server wrote what it cannot read", impossible);
        }
    }

    /// What came of a pass.
    public record Passed(
            String lossFnOutputType,
            List<SortedMap<String, Values>> lossFnOutputs,
            SortedMap<String, Double> metrics) {}

    /// The numbers of one datum.
    public record Values(List<Double> data, String dtype, List<Integer> shape) {}

    /// What came of a sample.
    ///
    /// @param promptLogprobs null where there is none
    /// @param topkPromptLogprobs pairs of a token and its log-probability, null where there are
    ///   none
    public record Sampled(
            String type,
            List<Sequence> sequences,
            Optional<List<Optional<Double>>> promptLogprobs,
            Optional<List<Optional<List<List<Number>>>>> topkPromptLogprobs) {}

    /// One continuation.
    ///
    /// @param stopReason `stop` or `length`
    public record Sequence(String stopReason, List<Integer> tokens, List<Double> logprobs) {}

    private interface Parsing<T> {
        T parse() throws InvalidProtocolBufferException;
    }
}
