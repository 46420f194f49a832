package dev.tinsmith.models.gguf;

import dev.tinsmith.engine.format.FormatException;
import dev.tinsmith.models.tokenizer.ByteLevelBpe;
import dev.tinsmith.models.tokenizer.SentencePieceBpe;
import dev.tinsmith.models.tokenizer.TokenKind;
import dev.tinsmith.models.tokenizer.TokenizerModel;
import dev.tinsmith.models.tokenizer.Vocabulary;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/// What a file says about its tokenizer.
record GgufTokenizer(Vocabulary vocabulary, TokenizerModel model, List<Integer> endOfText) {
    private static final String HERE = "tokenizer.ggml.";

    /// In the order of their numbers in a file, which begin at 1.
    private static final List<TokenKind> KINDS =
            List.of(
                    TokenKind.NORMAL,
                    TokenKind.UNKNOWN,
                    TokenKind.CONTROL,
                    TokenKind.USER_DEFINED,
                    TokenKind.UNUSED,
                    TokenKind.BYTE);

    private static final Set<String> BEGUN_BY_BOS = Set.of("llama-bpe", "llama-v3", "llama3");

    GgufTokenizer {
        endOfText = List.copyOf(endOfText);
    }

    static GgufTokenizer of(GgufMetadata said) {
        String kind = said.text(HERE + "model");
        if (kind.equals("gpt2")) {
            return byteLevel(said);
        }
        if (kind.equals("llama")) {
            return sentencePiece(said);
        }
        throw new FormatException(
                "%s says its tokenizer (%smodel) is '%s'; gpt2 and llama are known, import the model from its Hugging Face folder instead"
                        .formatted(said.file(), HERE, kind));
    }

    private static GgufTokenizer byteLevel(GgufMetadata said) {
        String cut = said.text(HERE + "pre", "default");
        return with(
                said,
                BEGUN_BY_BOS.contains(cut),
                new ByteLevelBpe(cut, said.texts(HERE + "merges")));
    }

    private static GgufTokenizer sentencePiece(GgufMetadata said) {
        boolean spaceFirst = said.flag(HERE + "add_space_prefix", true);
        return with(said, true, new SentencePieceBpe(said.reals(HERE + "scores"), spaceFirst));
    }

    private static GgufTokenizer with(GgufMetadata said, boolean begunByBos, TokenizerModel model) {
        List<String> tokens = said.texts(HERE + "tokens");
        OptionalInt eos = said.optionalInteger(HERE + "eos_token_id");
        Vocabulary vocabulary =
                new Vocabulary(
                        said.file(),
                        tokens,
                        kinds(said),
                        said.optionalInteger(HERE + "bos_token_id"),
                        eos,
                        said.optionalInteger(HERE + "unknown_token_id"),
                        said.optionalInteger(HERE + "padding_token_id"),
                        said.flag(HERE + "add_bos_token", begunByBos),
                        said.flag(HERE + "add_eos_token", false));
        Set<Integer> ends = new LinkedHashSet<>();
        Stream.of(eos, said.optionalInteger(HERE + "eot_token_id"))
                .forEach(id -> id.ifPresent(ends::add));
        return new GgufTokenizer(vocabulary, model, new ArrayList<>(ends));
    }

    private static List<TokenKind> kinds(GgufMetadata said) {
        return said.integers(HERE + "token_type").stream().map(type -> kind(said, type)).toList();
    }

    private static TokenKind kind(GgufMetadata said, int type) {
        if (type < 1 || type > KINDS.size()) {
            throw new FormatException(
                    "%s says a token is of type %d in %stoken_type; 1 to %d are known"
                            .formatted(said.file(), type, HERE, KINDS.size()));
        }
        return KINDS.get(type - 1);
    }
}
