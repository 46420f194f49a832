package dev.tinsmith.models.tokenizer;

import dev.tinsmith.engine.format.FormatException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/// Which tokens end a text, as a model folder's configuration says.
final class EndOfText {
    private static final String KEY = "eos_token_id";

    private EndOfText() {}

    /// What is said about generating goes before what is said about the model.
    static Set<Integer> read(Path folder) {
        for (String name : List.of("generation_config.json", "config.json")) {
            Path file = folder.resolve(name);
            if (Files.exists(file)) {
                JsonNode said = Tokenizer.json(name, Tokenizer.bytes(file)).path(KEY);
                if (!said.isMissingNode() && !said.isNull()) {
                    return ids(name, said);
                }
            }
        }
        return Set.of();
    }

    private static Set<Integer> ids(String name, JsonNode said) {
        Set<Integer> ids = new LinkedHashSet<>();
        for (JsonNode id : said.isArray() ? List.copyOf(said.values()) : List.of(said)) {
            if (!id.isInt() || id.asInt() < 0) {
                throw new FormatException(
                        "%s says %s is %s; it must be a token id or a list of them"
                                .formatted(name, KEY, said));
            }
            ids.add(id.asInt());
        }
        return Collections.unmodifiableSet(ids);
    }
}
