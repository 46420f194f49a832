package dev.tinsmith.server.wire;

import dev.tinsmith.protocol.Rest;
import dev.tinsmith.server.http.Refusal;
import dev.tinsmith.server.http.Request;
import java.util.List;

/// A stretch of a list.
public record Page(int offset, int limit, int total) {
    /// How many entries one page may hold.
    private static final int MOST = 1000;

    /// The stretch that `request` asks for.
    ///
    /// @param usual how many entries, if it does not say
    public static Page of(Request request, int usual, int total) {
        return new Page(
                number(request, "offset", 0, Integer.MAX_VALUE),
                number(request, "limit", usual, MOST),
                total);
    }

    /// The entries of `all` that are in it.
    public <T> List<T> cut(List<T> all) {
        int from = Math.min(offset, all.size());
        return all.subList(from, Math.min(all.size(), from + limit));
    }

    /// As the wire writes it.
    public Rest.Cursor cursor() {
        return new Rest.Cursor(offset, limit, total);
    }

    private static int number(Request request, String name, int usual, int most) {
        String text = request.query(name).orElse(Integer.toString(usual));
        if (!text.matches("\\d{1,9}") || Integer.parseInt(text) > most) {
            throw Refusal.bad("%s is '%s'; it must be 0 to %d".formatted(name, text, most));
        }
        return Integer.parseInt(text);
    }
}
