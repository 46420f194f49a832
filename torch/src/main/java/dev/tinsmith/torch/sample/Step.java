package dev.tinsmith.torch.sample;

import dev.tinsmith.torch.attention.SlabMixer;
import dev.tinsmith.torch.attention.Stretch;
import dev.tinsmith.torch.lora.Blend;
import dev.tinsmith.torch.nn.Decoder;
import dev.tinsmith.torch.nn.Unembedding;
import dev.tinsmith.torch.ops.Ops;
import dev.tinsmith.torch.ops.Scope;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import org.bytedeco.pytorch.Tensor;

/// One slice of decoding, for one base.
///
/// T rows of prompts, R rows that get a token, D the width of the residual stream.
record Step(Decoder decoder, Rows rows, PrefixCache cache) {

    /// Takes prompts of one adapter further, and draws the first token of each continuation of
    /// those that are then through.
    ///
    /// @param budget how many tokens go through
    /// @return the requests that cannot go on
    List<Request> prefill(List<Passage> passages, int budget) {
        try (Scope _ = Scope.open()) {
            List<Stretch> stretches = new ArrayList<>();
            int tokens = 0;
            for (Passage passage : passages) {
                Stretch stretch = passage.next(budget - tokens);
                stretches.add(stretch);
                tokens += stretch.count();
            }
            Blend blend = Blend.all(passages.getFirst().model().adaptation());
            Tensor h_TD = decoder.embed(Ops.indices(tokens(passages, stretches, tokens)));
            decoder.forward(h_TD, decoder.stretches(stretches), blend);
            Tensor x_TD = decoder.normalize(h_TD).y_TD();
            int row = 0;
            for (int index = 0; index < stretches.size(); index++) {
                int count = stretches.get(index).count();
                passages.get(index).went(x_TD.narrow(0, row, count), blend);
                row += count;
            }
            return first(passages, stretches, x_TD, blend);
        }
    }

    private static long[] tokens(List<Passage> passages, List<Stretch> stretches, int count) {
        long[] tokens = new long[count];
        int row = 0;
        for (int index = 0; index < stretches.size(); index++) {
            Stretch stretch = stretches.get(index);
            for (int place = 0; place < stretch.count(); place++) {
                tokens[row++] = passages.get(index).prompt().at(stretch.from() + place);
            }
        }
        return tokens;
    }

    /// Draws the first tokens after the prompts that are through; whoever goes on gets a slot.
    private List<Request> first(
            List<Passage> passages, List<Stretch> stretches, Tensor x_TD, Blend blend) {
        List<Rows.Row> starting = new ArrayList<>();
        List<Long> lastRows = new ArrayList<>();
        long end = 0;
        for (int index = 0; index < passages.size(); index++) {
            end += stretches.get(index).count();
            if (passages.get(index).isThrough()) {
                List<Rows.Row> its = passages.get(index).starting();
                starting.addAll(its);
                lastRows.addAll(Collections.nCopies(its.size(), end - 1));
            }
        }
        if (starting.isEmpty()) {
            return List.of();
        }
        long[] index_R = lastRows.stream().mapToLong(row -> row).toArray();
        List<Request> broken = draw(Ops.rows(x_TD, Ops.indices(index_R)), starting, blend);
        passages.stream()
                .filter(Passage::isThrough)
                .forEach(passage -> passage.enter(rows, cache, broken));
        return broken;
    }

    /// Gives every row its next token.
    ///
    /// @return the requests that cannot go on
    List<Request> next() {
        try (Scope _ = Scope.open()) {
            SlabMixer mixer = rows.mixer();
            List<Rows.Row> all = rows.all();
            Blend blend = rows.blend();
            long[] tokens = all.stream().mapToLong(row -> row.continuation().lastToken()).toArray();
            Tensor h_RD = decoder.embed(Ops.indices(tokens));
            decoder.forward(h_RD, mixer, blend);
            rows.advance();
            return draw(decoder.normalize(h_RD).y_TD(), all, blend);
        }
    }

    /// Block by block, though only one request's rows, of one adapter, ever need more than one.
    private List<Request> draw(Tensor x_RD, List<Rows.Row> all, Blend blend) {
        SequencedSet<Request> broken = new LinkedHashSet<>();
        int most = decoder.unembedding().maxRows();
        for (int from = 0; from < all.size(); from += most) {
            List<Rows.Row> some = all.subList(from, Math.min(from + most, all.size()));
            try (Scope _ = Scope.open()) {
                Tensor block_RD = x_RD.narrow(0, from, some.size());
                Unembedding.Scores scores = decoder.unembedding().score(block_RD, blend);
                boolean[] failed =
                        NextTokens.add(scores, some.stream().map(Rows.Row::continuation).toList());
                for (int row = 0; row < failed.length; row++) {
                    if (failed[row]) {
                        broken.add(some.get(row).request());
                    }
                }
            }
        }
        return List.copyOf(broken);
    }
}
