package dev.tinsmith.torch.family;

import dev.tinsmith.engine.format.FormatException;
import dev.tinsmith.engine.format.HfConfig;
import dev.tinsmith.torch.model.DecoderSpec;
import java.util.List;

/// Every family there is. To add one: write its file, then its line here.
public final class Families {
    private static final List<ModelFamily> ALL =
            List.of(
                    new Llama(),
                    new Mistral(),
                    new Qwen2(),
                    new Qwen3(),
                    new Gemma2(),
                    new Gemma3(),
                    new Mixtral(),
                    new Qwen3Moe());

    private Families() {}

    /// The architectures that can be loaded.
    public static List<String> architectures() {
        return ALL.stream().map(ModelFamily::architecture).toList();
    }

    /// What the decoder that `config` configures is made of.
    ///
    /// @throws FormatException if no family knows its architecture, or a key is missing
    public static DecoderSpec describe(HfConfig config) {
        String architecture = config.architecture();
        return ALL.stream()
                .filter(family -> family.architecture().equals(architecture))
                .findFirst()
                .orElseThrow(() ->
                        new FormatException(
                                "no family is called %s; there are %s"
                                        .formatted(architecture, architectures())))
                .describe(config);
    }
}
