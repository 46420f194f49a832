package dev.tinsmith.torch.family;

import dev.tinsmith.engine.format.HfConfig;
import dev.tinsmith.torch.model.AttentionSpec;
import dev.tinsmith.torch.model.DecoderSpec;
import dev.tinsmith.torch.model.EmbeddingSpec;
import dev.tinsmith.torch.model.FeedForwardSpec;
import dev.tinsmith.torch.model.FeedForwardSpec.Activation;
import dev.tinsmith.torch.model.NormSpec;
import dev.tinsmith.torch.model.RopeSpec;
import java.util.List;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/// What all Gemmas say under the same keys of `config.json`.
///
/// @param config a model's
record GemmaKeys(HfConfig config) {
    private static final int HEAD = 256;
    private static final double SCALAR = 256;

    UsualKeys usual() {
        return new UsualKeys(config);
    }

    /// @param cap what the scores of attention are bent to stay below
    AttentionSpec attention(RopeSpec rope, OptionalDouble cap) {
        usual().refuse("use_bidirectional_attention");
        double scalar = config.real("query_pre_attn_scalar", SCALAR);
        return usual().attention(HEAD, rope).withScores(1 / Math.sqrt(scalar), cap);
    }

    /// The window of each layer; in every so many-eth there is none, unless the file says
    /// otherwise.
    List<Integer> windows(int every) {
        return usual().windows(
                        IntStream.rangeClosed(1, usual().layers())
                                .mapToObj(layer ->
                                        layer % every == 0 ? UsualKeys.FULL : UsualKeys.SLIDING)
                                .toList());
    }

    /// A decoder around this attention.
    ///
    /// @param cap what the scores of tokens are bent to stay below
    DecoderSpec decoder(AttentionSpec attention, OptionalDouble cap) {
        UsualKeys usual = usual();
        return new DecoderSpec(
                new EmbeddingSpec(
                        usual.vocabulary(),
                        config.bool("tie_word_embeddings", true),
                        Math.sqrt(usual.hidden()),
                        cap),
                usual.layers(),
                usual.hidden(),
                attention,
                FeedForwardSpec.of(
                        config.integer("intermediate_size"),
                        usual.activation(
                                "hidden_activation", "gelu_pytorch_tanh", Activation.GELU_TANH)),
                new NormSpec(usual.norms().eps(), true, true),
                usual.context());
    }
}
