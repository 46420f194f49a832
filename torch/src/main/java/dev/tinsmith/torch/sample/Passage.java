package dev.tinsmith.torch.sample;

import dev.tinsmith.engine.Tokens;
import dev.tinsmith.torch.attention.KvSlab;
import dev.tinsmith.torch.attention.Stretch;
import dev.tinsmith.torch.lora.Blend;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/// A prompt on its way through the model, stretch by stretch, from where the cache knows no more;
/// and the requests for that prompt which it is computed for. Its keys and values gather on a desk
/// of its own, which it owns.
final class Passage implements AutoCloseable {
    private final PrefixCache.Model model;
    private final Tokens prompt;
    private final List<Request> requests;
    private final KvSlab desk;
    private int there;

    /// Begins with what `cache` knows.
    ///
    /// @param requests for the same prompt of the same weights
    Passage(List<Request> requests, PrefixCache cache) {
        Request first = requests.getFirst();
        this.model = new PrefixCache.Model(first.decoder(), first.adaptation());
        this.prompt = first.sample().prompt();
        this.requests = new ArrayList<>(requests);
        requests.forEach(Request::begin);
        int most = requests.stream().mapToInt(Request::mayBeSkipped).min().orElse(0);
        this.desk = KvSlab.ofOne(model.decoder().spec(), model.decoder().dtype(), prompt.length());
        this.there = cache.read(model, prompt, most, desk);
        first.found(there);
        requests.stream().skip(1).forEach(request -> request.found(prompt.length()));
    }

    PrefixCache.Model model() {
        return model;
    }

    Tokens prompt() {
        return prompt;
    }

    List<Request> requests() {
        return requests;
    }

    /// How many tokens are still to go through.
    int left() {
        return prompt.length() - there;
    }

    boolean isThrough() {
        return left() == 0;
    }

    /// The next tokens, at most so many.
    Stretch next(int most) {
        return new Stretch(desk, there, Math.min(most, left()));
    }

    /// They went through.
    ///
    /// @param x_TD what the unembedding reads of them
    void went(Tensor x_TD, Blend blend) {
        requests.forEach(request -> request.score(x_TD, there, blend));
        there += (int) x_TD.size(0);
        desk.fill(there);
    }

    /// The continuations that begin once it is through.
    List<Rows.Row> starting() {
        return requests.stream()
                .flatMap(
                        request -> request.turn().stream().map(each -> new Rows.Row(request, each)))
                .toList();
    }

    /// How many those are.
    int rows() {
        return requests.stream().mapToInt(request -> request.turn().size()).sum();
    }

    /// Hands the keys and values on, to whoever decodes and to whoever comes with such a prompt;
    /// unless they are no numbers.
    ///
    /// @param broken requests that cannot go on
    void enter(Rows rows, PrefixCache cache, List<Request> broken) {
        if (requests.stream().noneMatch(broken::contains)) {
            requests.forEach(request -> rows.enter(request, desk));
            cache.keep(model, prompt, desk);
        }
    }

    @Override
    public void close() {
        desk.close();
    }
}
