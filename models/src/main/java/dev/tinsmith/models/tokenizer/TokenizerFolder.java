package dev.tinsmith.models.tokenizer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import tools.jackson.databind.json.JsonMapper;

/// Writes the tokenizer files of a model folder, as `AutoTokenizer` of `transformers` reads them.
public final class TokenizerFolder {
    private TokenizerFolder() {}

    /// Writes `tokenizer.json`, `tokenizer_config.json` and `special_tokens_map.json` into
    /// `folder`.
    ///
    /// @param contextLength tokens a text may have
    public static void write(
            Path folder,
            Vocabulary vocabulary,
            TokenizerModel model,
            Optional<String> chatTemplate,
            int contextLength)
            throws IOException {
        json(folder.resolve("tokenizer.json"), definition(vocabulary, model));
        Step roles = Step.empty();
        Step config = Step.empty().with("tokenizer_class", "PreTrainedTokenizerFast");
        Map.of(
                        "bos_token", vocabulary.bos(),
                        "eos_token", vocabulary.eos(),
                        "unk_token", vocabulary.unknown(),
                        "pad_token", vocabulary.padding())
                .entrySet()
                .stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(role ->
                        vocabulary
                                .textOf(role.getValue())
                                .ifPresent(text -> {
                                    roles.with(role.getKey(), text);
                                    config.with(role.getKey(), text);
                                }));
        json(folder.resolve("special_tokens_map.json"), roles);
        config.with("clean_up_tokenization_spaces", false).with("model_max_length", contextLength);
        chatTemplate.ifPresent(template -> config.with("chat_template", template));
        json(folder.resolve("tokenizer_config.json"), config);
    }

    private static Map<String, Object> definition(Vocabulary vocabulary, TokenizerModel model) {
        Map<String, Object> definition = new LinkedHashMap<>();
        definition.put("version", "1.0");
        definition.put("added_tokens", vocabulary.added());
        definition.putAll(model.definition(vocabulary));
        OptionalInt first = vocabulary.addBos() ? vocabulary.bos() : OptionalInt.empty();
        OptionalInt last = vocabulary.addEos() ? vocabulary.eos() : OptionalInt.empty();
        if (first.isPresent() || last.isPresent()) {
            definition.put("post_processor", around(vocabulary, first, last));
        }
        return definition;
    }

    /// Puts the tokens that begin and end a text around one text, and around each of two.
    private static Step around(Vocabulary vocabulary, OptionalInt first, OptionalInt last) {
        List<Step> one = new ArrayList<>();
        List<Step> two = new ArrayList<>();
        Step special = Step.empty();
        for (int text = 0; text < 2; text++) {
            List<Step> pieces = new ArrayList<>();
            mark(vocabulary, first, text, pieces, special);
            pieces.add(piece("Sequence", text == 0 ? "A" : "B", text));
            mark(vocabulary, last, text, pieces, special);
            two.addAll(pieces);
            if (text == 0) {
                one.addAll(pieces);
            }
        }
        return Step.of("TemplateProcessing")
                .with("single", one)
                .with("pair", two)
                .with("special_tokens", special);
    }

    private static void mark(
            Vocabulary vocabulary, OptionalInt id, int text, List<Step> pieces, Step special) {
        vocabulary
                .textOf(id)
                .ifPresent(token -> {
                    pieces.add(piece("SpecialToken", token, text));
                    special.with(
                            token,
                            Step.empty()
                                    .with("id", token)
                                    .with("ids", List.of(id.orElseThrow()))
                                    .with("tokens", List.of(token)));
                });
    }

    private static Step piece(String kind, String id, int text) {
        return Step.empty().with(kind, Step.empty().with("id", id).with("type_id", text));
    }

    private static void json(Path file, Object content) throws IOException {
        Files.write(
                file,
                JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsBytes(content));
    }
}
