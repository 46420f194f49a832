package dev.tinsmith.models.gguf;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.StreamSupport;
import java.util.zip.GZIPInputStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What a tokenizer was asked, and what the reference answered.
///
/// @param text absent where only the ids are asked about
/// @param ids what the text becomes
/// @param decoded what the ids become
record Question(Optional<String> text, List<Integer> ids, String decoded) {
    int[] idArray() {
        return ids.stream().mapToInt(id -> id).toArray();
    }

    /// Whether the ids give back the text.
    boolean comesBack() {
        return text.equals(Optional.of(decoded));
    }

    /// All of a file under `/tokenizer`.
    static List<Question> read(String name) throws IOException {
        try (BufferedReader lines =
                new BufferedReader(
                        new InputStreamReader(
                                unpacked("/tokenizer/" + name), StandardCharsets.UTF_8))) {
            return lines.lines().map(Question::parse).toList();
        }
    }

    static InputStream unpacked(String resource) throws IOException {
        return new GZIPInputStream(
                Objects.requireNonNull(Question.class.getResourceAsStream(resource), resource));
    }

    private static Question parse(String line) {
        JsonNode said = JsonMapper.shared().readTree(line);
        Optional<String> text = said.path("text").asStringOpt();
        return new Question(
                text,
                StreamSupport.stream(said.path("ids").spliterator(), false)
                        .map(JsonNode::asInt)
                        .toList(),
                said.path("decoded").asStringOpt().or(() -> text).orElseThrow());
    }
}
