package dev.tinsmith.protocol.codec;

import com.google.protobuf.ByteString;
import dev.tinsmith.protocol.Ints;
import dev.tinsmith.protocol.Sampling;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The binary answers of the wire.
public final class Results {
    private Results() {}

    /// The log-probabilities of one datum.
    ///
    /// @param position the shape of what belongs to one position: empty for one target, K for a row
    ///   of them, even if K is 1
    /// @param logprobs one for each target
    public record Row(List<Integer> position, Row.Values logprobs) {
        public Row {
            position = List.copyOf(position);
        }

        /// Hands over a fresh array.
        @FunctionalInterface
        public interface Values {
            /// The values, the caller's to keep.
            float[] toArray();
        }
    }

    /// What came of a pass, one row per datum in order.
    public static byte[] passed(List<Row> rows, Map<String, Double> metrics) {
        Wire.ForwardBackwardOutput.Builder output =
                Wire.ForwardBackwardOutput.newBuilder()
                        .setLossFnOutputType("ArrayRecord")
                        .putAllMetrics(metrics);
        int from = 0;
        while (from < rows.size()) {
            int to = from + 1;
            while (to < rows.size() && rows.get(to).position().equals(rows.get(from).position())) {
                to++;
            }
            output.addLossFnOutputs(record(rows.subList(from, to)));
            from = to;
        }
        return output.build().toByteArray();
    }

    /// All of one shape, since the trailing shape is said once.
    private static Wire.ArrayRecord record(List<Row> rows) {
        long[] offsets = new long[rows.size() + 1];
        List<ByteString> parts = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            parts.add(Bytes.of(rows.get(i).logprobs().toArray()));
            offsets[i + 1] = offsets[i] + parts.getLast().size();
        }
        Wire.BatchedTensor.Builder logprobs =
                Wire.BatchedTensor.newBuilder()
                        .setData(ByteString.copyFrom(parts))
                        .setOffsets(Bytes.of(offsets))
                        .setDtype(Wire.DType.FLOAT32);
        rows.getFirst().position().forEach(logprobs::addTrailingShape);
        return Wire.ArrayRecord.newBuilder()
                .setNumDatums(rows.size())
                .putFields("logprobs", logprobs.build())
                .build();
    }

    /// One continuation.
    ///
    /// @param stopped whether a stop ended it; otherwise it ran out of room
    public record Sequence(boolean stopped, Ids tokens, Row.Values logprobs, Optional<Top> top) {}

    /// Hands over a fresh array of token ids.
    @FunctionalInterface
    public interface Ids {
        /// The ids, the caller's to keep.
        int[] toArray();
    }

    /// The likeliest tokens of each of `length` positions, `length` × `k`.
    public record Top(int k, int length, Ids ids, Row.Values logprobs) {}

    /// What was found out about the prompt; empty where nothing was asked.
    ///
    /// @param cached how many of its tokens had been computed before
    public record Prompt(
            Optional<Row.Values> logprobs,
            Optional<Top> top,
            Optional<Scores> targets,
            Optional<Alternatives> alternatives,
            int cached) {}

    /// The log-probabilities of the targets that a request named, laid out as it had them.
    public record Scores(Sampling.Targets asked, Row.Values logprobs) {}

    /// `k` tokens drawn in place of each token of a prompt after the first, row-major.
    public record Alternatives(int k, Ids ids, Row.Values logprobs) {}

    /// What came of a sample, the sequences in the order of their names.
    public static byte[] sampled(List<Sequence> sequences, Prompt prompt) {
        Wire.SampleResponse.Builder response =
                Wire.SampleResponse.newBuilder().setPromptCacheHitTokens(prompt.cached());
        for (Sequence sequence : sequences) {
            Wire.SampledSequence.Builder built =
                    Wire.SampledSequence.newBuilder()
                            .setStopReason(
                                    sequence.stopped()
                                            ? Wire.StopReason.STOP
                                            : Wire.StopReason.LENGTH)
                            .setTokens(Bytes.of(sequence.tokens().toArray()))
                            .setLogprobs(Bytes.of(sequence.logprobs().toArray()));
            sequence.top().ifPresent(top -> built.setTopkSampledLogprobs(top(top)));
            response.addSequences(built);
        }
        prompt.logprobs()
                .ifPresent(values -> response.setPromptLogprobs(Bytes.of(values.toArray())));
        prompt.top().ifPresent(top -> response.setTopkPromptLogprobs(top(top)));
        prompt.targets().ifPresent(scores -> response.setTargetPromptLogprobs(scores(scores)));
        prompt.alternatives().ifPresent(drawn -> response.setPromptAltTokens(alternatives(drawn)));
        return response.build().toByteArray();
    }

    private static Wire.TopkLogprobs top(Top top) {
        return Wire.TopkLogprobs.newBuilder()
                .setTokenIds(Bytes.of(top.ids().toArray()))
                .setLogprobs(Bytes.of(top.logprobs().toArray()))
                .setK(top.k())
                .setLength(top.length())
                .build();
    }

    private static Wire.Tensor scores(Scores scores) {
        Wire.Tensor.Builder tensor = Wire.Tensor.newBuilder().setDtype(Wire.DType.FLOAT32);
        scores.asked().shape().forEach(tensor::addShape);
        ByteString values = Bytes.of(scores.logprobs().toArray());
        Optional<Ints> rows = scores.asked().sparseCrowIndices();
        Optional<Ints> columns = scores.asked().sparseColIndices();
        if (rows.isPresent() && columns.isPresent()) {
            tensor.setSparseCsr(
                    Wire.SparseCsr.newBuilder()
                            .setValues(values)
                            .setCrowIndices(longs(rows.get().toArray()))
                            .setColIndices(longs(columns.get().toArray())));
        } else {
            tensor.setDense(values);
        }
        return tensor.build();
    }

    private static Wire.PromptAltTokens alternatives(Alternatives drawn) {
        int[] ids = drawn.ids().toArray();
        Wire.Tensor.Builder shaped =
                Wire.Tensor.newBuilder().addShape(ids.length / drawn.k()).addShape(drawn.k());
        return Wire.PromptAltTokens.newBuilder()
                .setTokens(shaped.setDtype(Wire.DType.INT64).setDense(longs(ids)).build())
                .setLogprobs(
                        shaped.setDtype(Wire.DType.FLOAT32)
                                .setDense(Bytes.of(drawn.logprobs().toArray()))
                                .build())
                .build();
    }

    private static ByteString longs(int[] values) {
        return Bytes.of(Arrays.stream(values).asLongStream().toArray());
    }
}
