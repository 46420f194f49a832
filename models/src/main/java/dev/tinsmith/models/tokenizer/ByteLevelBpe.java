package dev.tinsmith.models.tokenizer;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// GPT-2's kind: a text is bytes, each written as a letter, and pairs of them are merged.
///
/// A byte that the vocabulary lacks is left out, as llama.cpp and the `tokenizers` library leave
/// it.
///
/// @param preTokenizer the name of the way the text is cut into words first
/// @param merges the pairs, `left right`, the first one first
public record ByteLevelBpe(String preTokenizer, List<String> merges) implements TokenizerModel {
    public ByteLevelBpe {
        merges = List.copyOf(merges);
    }

    @Override
    public Map<String, Object> definition(Vocabulary vocabulary) {
        PreTokenizers.Cut cut = PreTokenizers.named(vocabulary.source(), preTokenizer);
        Map<String, Object> definition = new LinkedHashMap<>();
        if (cut.composed()) {
            definition.put("normalizer", Step.of("NFC"));
        }
        definition.put("pre_tokenizer", cut.definition());
        definition.put(
                "decoder",
                Step.of("ByteLevel")
                        .with("add_prefix_space", true)
                        .with("trim_offsets", true)
                        .with("use_regex", true));
        definition.put(
                "model",
                Step.of("BPE")
                        .with("fuse_unk", false)
                        .with("byte_fallback", false)
                        .with("ignore_merges", cut.wholeWords())
                        .with("vocab", vocabulary.ids())
                        .with("merges", TokenizerModel.merges(vocabulary, merges)));
        return definition;
    }
}
