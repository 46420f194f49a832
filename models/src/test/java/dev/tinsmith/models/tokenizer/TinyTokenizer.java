package dev.tinsmith.models.tokenizer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/// A byte-level tokenizer small enough to read: the 256 bytes as ids 0 to 255, a few merges, and
/// `<|end|>` as the last id.
public final class TinyTokenizer {
    static final int A = 'a';
    static final int SPACE = ' ';

    private static final List<String> MERGES =
            List.of("h e", "l l", "he ll", "hell o", "Ġ w", "s t", "st o", "sto p", "Ã ©", "Ġ Ġ");

    private TinyTokenizer() {}

    public static final int END = 256 + MERGES.size();

    /// By id.
    public static List<String> tokens() {
        return Stream.of(
                        IntStream.range(0, 256).mapToObj(TinyTokenizer::letter),
                        MERGES.stream().map(merge -> merge.replace(" ", "")),
                        Stream.of("<|end|>"))
                .flatMap(part -> part)
                .toList();
    }

    /// By rank.
    public static List<String> merges() {
        return MERGES;
    }

    /// Writes `tokenizer.json` into `folder`, and returns the folder.
    static Path write(Path folder) throws IOException {
        Map<String, Integer> vocabulary = new LinkedHashMap<>();
        tokens().subList(0, END).forEach(token -> vocabulary.put(token, vocabulary.size()));
        Map<String, Object> definition = new LinkedHashMap<>();
        definition.put("version", "1.0");
        definition.put(
                "added_tokens",
                List.of(
                        Map.of(
                                "id", END,
                                "content", "<|end|>",
                                "single_word", false,
                                "lstrip", false,
                                "rstrip", false,
                                "normalized", false,
                                "special", true)));
        Map<String, Object> byteLevel =
                Map.of(
                        "type",
                        "ByteLevel",
                        "add_prefix_space",
                        false,
                        "trim_offsets",
                        true,
                        "use_regex",
                        true);
        definition.put("pre_tokenizer", byteLevel);
        definition.put("decoder", byteLevel);
        definition.put("model", Map.of("type", "BPE", "vocab", vocabulary, "merges", MERGES));
        Files.writeString(
                folder.resolve("tokenizer.json"),
                JsonMapper.shared().writeValueAsString(definition));
        return folder;
    }

    /// The letter that stands for a byte: itself if it can be seen, else one from U+0100 on.
    private static String letter(int b) {
        return Character.toString(seen(b) ? b : 0x100 + unseenBefore(b));
    }

    private static boolean seen(int b) {
        return (b >= '!' && b <= '~') || (b >= 0xA1 && b <= 0xAC) || b >= 0xAE;
    }

    private static int unseenBefore(int b) {
        return (int) IntStream.range(0, b).filter(earlier -> !seen(earlier)).count();
    }
}
