package dev.tinsmith.server.api;

import dev.tinsmith.engine.Batch;
import dev.tinsmith.engine.Floats;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.protocol.codec.Results;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Engine → wire: the results that travel as protobuf.
final class Answers {
    private Answers() {}

    /// @param widths how many targets each datum has per position, in order
    static byte[] passed(Outcome.Passed passed, List<Integer> widths) {
        List<Results.Row> rows = new ArrayList<>();
        for (int i = 0; i < widths.size(); i++) {
            Floats logprobs = passed.logprobs().get(i);
            rows.add(new Results.Row(widths.get(i), logprobs::toArray));
        }
        return Results.passed(rows, passed.metrics());
    }

    static List<Integer> widths(Batch batch) {
        return batch.data().stream().map(Batch.Datum::width).toList();
    }

    static byte[] sampled(Outcome.Sampled sampled) {
        return Results.sampled(
                sampled.sequences().stream()
                        .map(sequence ->
                                new Results.Sequence(
                                        sequence.stopped(),
                                        sequence.tokens()::toArray,
                                        sequence.logprobs()::toArray,
                                        sequence.top().map(Answers::top)))
                        .toList(),
                values(sampled.promptLogprobs()),
                sampled.promptTop().map(Answers::top));
    }

    private static Results.Top top(Outcome.TopTokens top) {
        return new Results.Top(top.k(), top.length(), top.ids()::toArray, top.logprobs()::toArray);
    }

    private static Optional<Results.Row.Values> values(Optional<Floats> floats) {
        return floats.map(values -> values::toArray);
    }
}
