package dev.tinsmith.models.tokenizer;

import dev.tinsmith.engine.format.FormatException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Llama 1 and 2's kind: a blank is written ▁, pairs of letters are merged, the pair first that
/// makes the piece of the highest score, and what no piece can say is said in bytes.
///
/// @param scores by id
/// @param spaceFirst whether a text begins with a blank of its own
public record SentencePieceBpe(List<Double> scores, boolean spaceFirst) implements TokenizerModel {
    private static final String BLANK = "▁";
    private static final int NONE = -1;

    public SentencePieceBpe {
        scores = List.copyOf(scores);
    }

    @Override
    public Map<String, Object> definition(Vocabulary vocabulary) {
        if (scores.size() != vocabulary.tokens().size()) {
            throw new FormatException(
                    "%s has %d tokens and %d scores; there must be one score a token"
                            .formatted(
                                    vocabulary.source(),
                                    vocabulary.tokens().size(),
                                    scores.size()));
        }
        Step blank = replace(" ", BLANK);
        Step prepend = Step.of("Prepend").with("prepend", BLANK);
        Map<String, Object> definition = new LinkedHashMap<>();
        definition.put(
                "normalizer",
                Step.of("Sequence")
                        .with(
                                "normalizers",
                                spaceFirst ? List.of(prepend, blank) : List.of(blank)));
        definition.put("decoder", Step.of("Sequence").with("decoders", decoders()));
        Map<String, Integer> ids = vocabulary.ids();
        Step model =
                Step.of("BPE")
                        .with("fuse_unk", true)
                        .with("byte_fallback", true)
                        .with("ignore_merges", false)
                        .with("vocab", ids)
                        .with("merges", merges(vocabulary, ids));
        vocabulary.textOf(vocabulary.unknown()).ifPresent(text -> model.with("unk_token", text));
        definition.put("model", model);
        return definition;
    }

    private List<Step> decoders() {
        List<Step> decoders = new ArrayList<>();
        decoders.add(replace(BLANK, " "));
        decoders.add(Step.of("ByteFallback"));
        decoders.add(Step.of("Fuse"));
        if (spaceFirst) {
            decoders.add(Step.of("Strip").with("content", " ").with("start", 1).with("stop", 0));
        }
        return decoders;
    }

    private static Step replace(String text, String by) {
        return Step.of("Replace")
                .with("pattern", Step.empty().with("String", text))
                .with("content", by);
    }

    /// Every way to make a piece of two others, the piece of the highest score first; of one piece,
    /// the ways whose parts come first in the vocabulary.
    private List<List<String>> merges(Vocabulary vocabulary, Map<String, Integer> ids) {
        List<Merge> merges = new ArrayList<>();
        ids.forEach((piece, id) -> {
            if (isPiece(vocabulary, id)) {
                splits(vocabulary, ids, piece, scores.get(id), merges);
            }
        });
        merges.sort(
                Comparator.comparingDouble(Merge::score)
                        .reversed()
                        .thenComparingInt(Merge::leftId)
                        .thenComparingInt(Merge::rightId));
        return merges.stream().map(merge -> List.of(merge.left(), merge.right())).toList();
    }

    private static void splits(
            Vocabulary vocabulary,
            Map<String, Integer> ids,
            String piece,
            double score,
            List<Merge> merges) {
        for (int at = piece.offsetByCodePoints(0, 1);
                at < piece.length();
                at = piece.offsetByCodePoints(at, 1)) {
            String left = piece.substring(0, at);
            String right = piece.substring(at);
            int leftId = ids.getOrDefault(left, NONE);
            int rightId = ids.getOrDefault(right, NONE);
            if (isPiece(vocabulary, leftId) && isPiece(vocabulary, rightId)) {
                merges.add(new Merge(left, right, score, leftId, rightId));
            }
        }
    }

    private static boolean isPiece(Vocabulary vocabulary, int id) {
        if (id == NONE || vocabulary.tokens().get(id).isEmpty()) {
            return false;
        }
        return switch (vocabulary.kinds().get(id)) {
            case NORMAL, USER_DEFINED -> true;
            case UNKNOWN, CONTROL, UNUSED, BYTE -> false;
        };
    }

    private record Merge(String left, String right, double score, int leftId, int rightId) {}
}
