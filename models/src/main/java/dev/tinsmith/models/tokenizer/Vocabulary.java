package dev.tinsmith.models.tokenizer;

import dev.tinsmith.engine.format.FormatException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// The tokens of a model, and which of them have a part to play.
///
/// @param source the file it comes from, for refusals
/// @param tokens by id
/// @param kinds by id
/// @param addBos whether a text begins with `bos` when special tokens are asked for
public record Vocabulary(
        String source,
        List<String> tokens,
        List<TokenKind> kinds,
        OptionalInt bos,
        OptionalInt eos,
        OptionalInt unknown,
        OptionalInt padding,
        boolean addBos,
        boolean addEos) {
    public Vocabulary {
        tokens = List.copyOf(tokens);
        kinds = List.copyOf(kinds);
        if (tokens.isEmpty() || tokens.size() != kinds.size()) {
            throw new FormatException(
                    "%s has %d tokens and %d token types; there must be one type a token"
                            .formatted(source, tokens.size(), kinds.size()));
        }
        int size = tokens.size();
        Stream.of(bos, eos, unknown, padding)
                .flatMapToInt(OptionalInt::stream)
                .filter(id -> id < 0 || id >= size)
                .findFirst()
                .ifPresent(id -> {
                    throw new FormatException(
                            "%s gives a special token the id %d; it has %d tokens"
                                    .formatted(source, id, size));
                });
    }

    /// The ids of all tokens but the unused, which no text contains.
    SequencedMap<String, Integer> ids() {
        SequencedMap<String, Integer> ids = new LinkedHashMap<>();
        for (int id = 0; id < tokens.size(); id++) {
            if (kinds.get(id) != TokenKind.UNUSED) {
                int first = Objects.requireNonNullElse(ids.putIfAbsent(tokens.get(id), id), id);
                if (first != id) {
                    throw new FormatException(
                            "%s has the token '%s' twice, as %d and %d; convert the model again"
                                    .formatted(source, tokens.get(id), first, id));
                }
            }
        }
        return ids;
    }

    /// The tokens that are found in a text before it is cut up, as `tokenizer.json` lists them.
    List<Step> added() {
        return IntStream.range(0, tokens.size())
                .filter(this::isAdded)
                .mapToObj(this::added)
                .toList();
    }

    /// The token of `id`, where that is known.
    Optional<String> textOf(OptionalInt id) {
        return id.isPresent() ? Optional.of(tokens.get(id.getAsInt())) : Optional.empty();
    }

    private boolean isAdded(int id) {
        return switch (kinds.get(id)) {
            case CONTROL, USER_DEFINED, UNKNOWN -> true;
            case NORMAL, UNUSED, BYTE -> false;
        };
    }

    private Step added(int id) {
        return Step.empty()
                .with("id", id)
                .with("content", tokens.get(id))
                .with("single_word", false)
                .with("lstrip", false)
                .with("rstrip", false)
                .with("normalized", false)
                .with("special", kinds.get(id) != TokenKind.USER_DEFINED);
    }
}
