package dev.tinsmith.torch.sample;

import dev.tinsmith.engine.SamplingSpec;
import dev.tinsmith.torch.draw.Draw;
import dev.tinsmith.torch.draw.Likeliest;
import dev.tinsmith.torch.nn.Unembedding;
import dev.tinsmith.torch.ops.Ops;
import dev.tinsmith.torch.ops.Scope;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/// Gives each of several continuations its next token, from the scores of its row.
///
/// R rows, V the vocabulary.
final class NextTokens {
    private final Unembedding.Scores scores;
    private final List<Continuation> continuations;

    private NextTokens(Unembedding.Scores scores, List<Continuation> continuations) {
        this.scores = scores;
        this.continuations = continuations;
    }

    /// Row i of `scores` belongs to continuation i.
    ///
    /// @return which of them could not be continued, since their scores are no numbers
    static boolean[] add(Unembedding.Scores scores, List<Continuation> continuations) {
        try (Scope _ = Scope.open()) {
            return new NextTokens(scores, continuations).add();
        }
    }

    private boolean[] add() {
        long[] tokens = draw();
        Tensor ids_R1 = Ops.indices(tokens).view(tokens.length, 1);
        float[] logprobs = Ops.toFloats(scores.logprobs(ids_R1));
        addTop();
        boolean[] broken = new boolean[tokens.length];
        for (int row = 0; row < tokens.length; row++) {
            broken[row] = !Float.isFinite(logprobs[row]);
            if (!broken[row]) {
                continuations.get(row).add((int) tokens[row], logprobs[row]);
            }
        }
        return broken;
    }

    private void addTop() {
        for (int row = 0; row < continuations.size(); row++) {
            TopRows top = continuations.get(row).top();
            if (top.isWanted()) {
                top.add(new Position(scores, row));
            }
        }
    }

    private long[] draw() {
        long[] tokens = new long[continuations.size()];
        if (continuations.stream().anyMatch(NextTokens::isGreedy)) {
            long[] likeliest = Ops.toLongs(Ops.argmaxLast(scores.logits_RV()));
            System.arraycopy(likeliest, 0, tokens, 0, tokens.length);
        }
        int[] rows =
                IntStream.range(0, tokens.length)
                        .filter(row -> !isGreedy(continuations.get(row)))
                        .toArray();
        if (rows.length > 0) {
            draw(rows, tokens);
        }
        return tokens;
    }

    private void draw(int[] rows, long[] tokens) {
        List<Continuation> some = Arrays.stream(rows).mapToObj(continuations::get).toList();
        OptionalInt[] drawn = odds(rows, some).draw(some);
        for (int i = 0; i < rows.length; i++) {
            Position at = new Position(scores, rows[i]);
            Continuation continuation = some.get(i);
            tokens[rows[i]] = drawn[i].orElseGet(() -> draw(continuation, at));
        }
    }

    private Odds odds(int[] rows, List<Continuation> some) {
        float[] temperatures = new float[rows.length];
        for (int i = 0; i < rows.length; i++) {
            temperatures[i] = (float) some.get(i).spec().temperature();
        }
        boolean all = rows.length == continuations.size();
        Tensor logits_RV =
                all
                        ? scores.logits_RV()
                        : Ops.rows(
                                scores.logits_RV(),
                                Ops.indices(Arrays.stream(rows).asLongStream().toArray()));
        return Odds.of(logits_RV, temperatures);
    }

    private static boolean isGreedy(Continuation continuation) {
        return Position.isGreedy(continuation.spec().temperature());
    }

    /// From as many of the likeliest as it takes.
    private static int draw(Continuation continuation, Position at) {
        SamplingSpec spec = continuation.spec();
        Draw draw =
                new Draw(at.weights(spec.temperature()), count -> Likeliest.of(at.logits(), count));
        return draw.from(spec, continuation.uniform());
    }
}
