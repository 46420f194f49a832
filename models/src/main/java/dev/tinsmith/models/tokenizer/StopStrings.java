package dev.tinsmith.models.tokenizer;

import dev.tinsmith.engine.SamplingSpec;
import dev.tinsmith.engine.Tokens;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Ends a sample with the token that completes one of some strings.
///
/// Only a tail of the sample is decoded. It is long enough: a string of n bytes that the last token
/// completes began at most n tokens before it, since a token has at least one byte. Stateless, so
/// one instance serves any number of samples; it must not outlive its tokenizer.
public final class StopStrings implements SamplingSpec.StopText {
    /// Bytes of a UTF-8 character after its first, at most: that many tokens before the tail may be
    /// needed to make its first character whole.
    private static final int CONTINUATION = 3;

    private static final char REPLACEMENT = '\uFFFD';

    private final Tokenizer tokenizer;
    private final List<String> strings;
    private final int longest;

    private StopStrings(Tokenizer tokenizer, List<String> strings) {
        this.tokenizer = tokenizer;
        this.strings = strings;
        this.longest =
                strings.stream()
                        .mapToInt(text -> text.getBytes(StandardCharsets.UTF_8).length)
                        .max()
                        .orElse(0);
    }

    /// Stops at any of `strings`, or never if there are none.
    ///
    /// @throws IllegalArgumentException if one of them is empty, or holds what no text decodes to
    public static SamplingSpec.StopText of(Tokenizer tokenizer, List<String> strings) {
        for (String text : strings) {
            if (text.isEmpty()) {
                throw new IllegalArgumentException(
                        "stop holds an empty string, which every text contains; leave it out");
            }
            if (text.codePoints().anyMatch(StopStrings::undecodable)) {
                throw new IllegalArgumentException(
                        "stop holds a string with U+FFFD or half a surrogate pair, which stands for"
                                + " no text; leave it out");
            }
        }
        return strings.isEmpty()
                ? SamplingSpec.StopText.NONE
                : new StopStrings(tokenizer, List.copyOf(strings));
    }

    @Override
    public boolean endsAt(Tokens generated) {
        int start = tail(generated);
        int[] ids = new int[generated.length() - start];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = generated.at(start + i);
        }
        // The first tokens may be the later bytes of one character. Some decoders then give up the
        // whole run of bytes, so ask again from the next token until the text begins well.
        for (int from = 0; from <= Math.min(CONTINUATION, ids.length - 1); from++) {
            String text = tokenizer.decode(ids, from, ids.length);
            if (strings.stream().anyMatch(text::contains)) {
                return true;
            }
            if (text.isEmpty() || text.charAt(0) != REPLACEMENT) {
                return false;
            }
        }
        return false;
    }

    /// Where the tail begins. Ids outside the vocabulary decode to nothing and do not count.
    private int tail(Tokens generated) {
        int wanted = longest + CONTINUATION;
        int start = generated.length();
        while (start > 0 && wanted > 0) {
            start--;
            int id = generated.at(start);
            if (id >= 0 && id < tokenizer.vocabulary()) {
                wanted--;
            }
        }
        return start;
    }

    private static boolean undecodable(int point) {
        return point == REPLACEMENT || Character.getType(point) == Character.SURROGATE;
    }
}
