package dev.tinsmith.models.tokenizer;

import dev.tinsmith.engine.format.FormatException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// How a byte-level tokenizer cuts a text into words before it merges, under the names that GGUF
/// files use. To add one: its line in [#ALL].
final class PreTokenizers {
    private static final Step BYTES_ONLY = byteLevel(/* useRegex= */ false);

    /// GPT-2's expression, which is built into the ByteLevel step.
    private static final Step GPT2 = byteLevel(/* useRegex= */ true);

    private static final String CONTRACTIONS =
            "(?:'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD])";
    private static final String WORDS_AND_BLANKS =
            "| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";
    private static final String LLAMA3 =
            CONTRACTIONS + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}" + WORDS_AND_BLANKS;
    private static final String QWEN2 =
            CONTRACTIONS + "|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}" + WORDS_AND_BLANKS;

    private static final Cut GPT2_CUT = new Cut(List.of(GPT2), false, false);
    private static final Cut LLAMA3_CUT = new Cut(List.of(split(LLAMA3), BYTES_ONLY), true, false);

    /// Each digit is a word of its own, then GPT-2's expression.
    private static final Cut SMOLLM_CUT =
            new Cut(List.of(Step.of("Digits").with("individual_digits", true), GPT2), false, false);

    /// What llama.cpp does with a file that names nothing: punctuation, GPT-2's words, digits by
    /// threes.
    private static final Cut DEFAULT_CUT =
            new Cut(
                    List.of(
                            split("[\\p{P}\\$\\+<=>\\^~\\|]+"),
                            split(
                                    "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)"),
                            split("\\p{N}+"),
                            split("[0-9][0-9][0-9]"),
                            BYTES_ONLY),
                    false,
                    false);

    /// Qwen 2 was trained on text in Unicode's composed form.
    private static final Cut QWEN2_CUT = new Cut(List.of(split(QWEN2), BYTES_ONLY), false, true);

    private static final SortedMap<String, Cut> ALL =
            new TreeMap<>(
                    Map.of(
                            "default", DEFAULT_CUT,
                            "gpt-2", GPT2_CUT,
                            "llama-bpe", LLAMA3_CUT,
                            "llama-v3", LLAMA3_CUT,
                            "llama3", LLAMA3_CUT,
                            "qwen2", QWEN2_CUT,
                            "smollm", SMOLLM_CUT));

    private PreTokenizers() {}

    /// @throws FormatException if nothing is called `name`
    static Cut named(String source, String name) {
        return Optional.ofNullable(ALL.get(name))
                .orElseThrow(() ->
                        new FormatException(
                                "%s says its pre-tokenizer (tokenizer.ggml.pre) is '%s'; those that are known are %s, import the model from its Hugging Face folder instead"
                                        .formatted(source, name, ALL.keySet())));
    }

    private static Step byteLevel(boolean useRegex) {
        return Step.of("ByteLevel")
                .with("add_prefix_space", false)
                .with("trim_offsets", true)
                .with("use_regex", useRegex);
    }

    private static Step split(String expression) {
        return Step.of("Split")
                .with("pattern", Step.empty().with("Regex", expression))
                .with("behavior", "Isolated")
                .with("invert", false);
    }

    /// One way to cut.
    ///
    /// @param wholeWords a word that is itself a token is not merged from its letters
    /// @param composed the text is brought into Unicode's composed form first
    record Cut(List<Step> steps, boolean wholeWords, boolean composed) {
        Cut {
            steps = List.copyOf(steps);
        }

        Step definition() {
            return Step.of("Sequence").with("pretokenizers", steps);
        }
    }
}
