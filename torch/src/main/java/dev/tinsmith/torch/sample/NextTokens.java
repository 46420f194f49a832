package dev.tinsmith.torch.sample;

import dev.tinsmith.torch.nn.Unembedding;
import dev.tinsmith.torch.ops.Dtype;
import dev.tinsmith.torch.ops.Ops;
import dev.tinsmith.torch.ops.Scope;
import java.util.List;
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
        int most = continuations.stream().mapToInt(each -> each.top().count()).max().orElse(0);
        if (most == 0) {
            return;
        }
        Ops.Top top = scores.top(most);
        long[] ids = Ops.toLongs(top.indices());
        float[] logprobs = Ops.toFloats(top.values());
        for (int row = 0; row < continuations.size(); row++) {
            if (continuations.get(row).top().isWanted()) {
                continuations.get(row).top().add(ids, logprobs, most, row);
            }
        }
    }

    private long[] draw() {
        long[] tokens = new long[continuations.size()];
        if (continuations.stream().anyMatch(NextTokens::isGreedy)) {
            long[] likeliest = Ops.toLongs(Ops.argmaxLast(scores.logits_RV()));
            System.arraycopy(likeliest, 0, tokens, 0, tokens.length);
        }
        for (int row = 0; row < tokens.length; row++) {
            if (!isGreedy(continuations.get(row))) {
                try (Scope _ = Scope.open()) {
                    tokens[row] = draw(row);
                }
            }
        }
        return tokens;
    }

    private static boolean isGreedy(Continuation continuation) {
        return continuation.spec().temperature() == 0;
    }

    private int draw(int row) {
        Continuation continuation = continuations.get(row);
        Tensor weights_V = Ops.to(scores.logits_RV().select(0, row), Dtype.F32).clone();
        Ops.sub(weights_V, Ops.maxLast(weights_V));
        Ops.div(weights_V, continuation.spec().temperature());
        weights_V.exp_();
        return Draw.from(
                Ops.toFloats(weights_V),
                count -> {
                    Ops.Top top = Ops.top(weights_V, count);
                    return new Draw.Sorted(Ops.toLongs(top.indices()), Ops.toFloats(top.values()));
                },
                continuation.spec(),
                continuation.uniform());
    }
}
