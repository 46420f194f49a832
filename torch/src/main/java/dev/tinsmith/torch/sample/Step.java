package dev.tinsmith.torch.sample;

import dev.tinsmith.torch.attention.PrefillMixer;
import dev.tinsmith.torch.attention.Sequences;
import dev.tinsmith.torch.attention.SlabMixer;
import dev.tinsmith.torch.lora.Blend;
import dev.tinsmith.torch.nn.Decoder;
import dev.tinsmith.torch.nn.Unembedding;
import dev.tinsmith.torch.ops.Ops;
import dev.tinsmith.torch.ops.Scope;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import org.bytedeco.pytorch.Tensor;

/// One slice of decoding, for one base.
///
/// T rows of prompts, R rows that get a token, D the width of the residual stream.
record Step(Decoder decoder, Rows rows) {

    /// Passes whole prompts of one adapter through, and draws the first token of each continuation.
    ///
    /// @return the requests that cannot go on
    List<Request> prefill(List<Request> entering) {
        try (Scope _ = Scope.open()) {
            Sequences sequences =
                    new Sequences(
                            entering.stream()
                                    .map(request -> request.sample().prompt().length())
                                    .toList());
            List<PrefillMixer.Shelf> shelves = entering.stream().map(rows::enter).toList();
            Blend blend = Blend.all(entering.getFirst().adaptation());
            Tensor h_TD = decoder.embed(Ops.indices(tokens(entering, sequences.tokens())));
            decoder.forward(h_TD, decoder.prefill(sequences, shelves), blend);
            Tensor x_TD = decoder.normalize(h_TD).y_TD();
            return first(entering, x_TD, blend);
        }
    }

    private static long[] tokens(List<Request> entering, int count) {
        long[] tokens = new long[count];
        int row = 0;
        for (Request request : entering) {
            for (int token : request.sample().prompt().toArray()) {
                tokens[row++] = token;
            }
        }
        return tokens;
    }

    private List<Request> first(List<Request> entering, Tensor x_TD, Blend blend) {
        List<Request> broken = new ArrayList<>();
        int row = 0;
        for (Request request : entering) {
            int length = request.sample().prompt().length();
            try (Scope _ = Scope.open()) {
                request.score(x_TD.narrow(0, row, length), blend);
                Tensor last_1D = x_TD.narrow(0, row + length - 1, 1);
                Tensor same_RD =
                        last_1D.expand(request.turn().size(), last_1D.size(1)).contiguous();
                broken.addAll(
                        draw(
                                same_RD,
                                request.turn().stream()
                                        .map(each -> new Rows.Row(request, each))
                                        .toList(),
                                blend));
            }
            row += length;
        }
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
