package dev.tinsmith.models.tokenizer;

import dev.tinsmith.engine.format.FormatException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The two kinds of tokenizer a GGUF file may hold, said as `tokenizer.json` says them.
public sealed interface TokenizerModel permits ByteLevelBpe, SentencePieceBpe {
    /// What goes into `tokenizer.json` beside the added tokens.
    Map<String, Object> definition(Vocabulary vocabulary);

    /// Splits `left right` lines, and asks that both and what they make be tokens.
    static List<List<String>> merges(Vocabulary vocabulary, List<String> lines) {
        Set<String> known = vocabulary.ids().keySet();
        List<List<String>> merges = new ArrayList<>(lines.size());
        for (String line : lines) {
            int between = line.indexOf(' ', 1);
            if (between < 0
                    || !known.contains(line.substring(0, between))
                    || !known.contains(line.substring(between + 1))
                    || !known.contains(line.substring(0, between) + line.substring(between + 1))) {
                throw new FormatException(
                        "%s merges '%s', which is not two of its tokens that make a third; convert the model again"
                                .formatted(vocabulary.source(), line));
            }
            merges.add(List.of(line.substring(0, between), line.substring(between + 1)));
        }
        return merges;
    }
}
