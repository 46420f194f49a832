package dev.tinsmith.models;

import dev.tinsmith.engine.format.FormatException;
import dev.tinsmith.engine.format.HfConfig;
import dev.tinsmith.models.DecoderArchitecture.Trait;
import java.util.List;
import java.util.SortedMap;

/// Every architecture that is taken in. To add one: its line here, with what it adds to a Llama.
public final class Architectures {
    private static final List<Architecture> ALL =
            List.of(
                    DecoderArchitecture.of("LlamaForCausalLM"),
                    DecoderArchitecture.of("MistralForCausalLM"),
                    DecoderArchitecture.of("Qwen2ForCausalLM", Trait.BIASES),
                    DecoderArchitecture.of("Qwen3ForCausalLM", Trait.HEAD_NORMS),
                    DecoderArchitecture.of(
                            "Gemma2ForCausalLM", Trait.AFTER_NORMS, Trait.GELU, Trait.TIED),
                    DecoderArchitecture.of(
                            "Gemma3ForCausalLM",
                            Trait.AFTER_NORMS,
                            Trait.HEAD_NORMS,
                            Trait.GELU,
                            Trait.TIED),
                    DecoderArchitecture.of("MixtralForCausalLM", Trait.MIXTRAL_EXPERTS),
                    DecoderArchitecture.of(
                            "Qwen3MoeForCausalLM", Trait.HEAD_NORMS, Trait.QWEN_EXPERTS));

    private Architectures() {}

    /// What they are called.
    public static List<String> names() {
        return ALL.stream().map(Architecture::name).toList();
    }

    /// Every tensor a model configured like this needs, and its shape.
    ///
    /// @throws FormatException if it is of no known architecture, or asks for what cannot be
    ///   computed
    public static SortedMap<String, List<Long>> tensors(HfConfig config) {
        return of(config).tensors(config);
    }

    /// Whether the unembedding of a model configured like this is its embedding.
    ///
    /// @throws FormatException if it is of no known architecture
    public static boolean isTied(HfConfig config) {
        return of(config).isTied(config);
    }

    /// The one that `config` names.
    static Architecture of(HfConfig config) {
        String name = config.architecture();
        return ALL.stream()
                .filter(known -> known.name().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new FormatException(
                                "config.json says the architecture is %s; those that are known are %s"
                                        .formatted(name, String.join(", ", names()))));
    }
}
