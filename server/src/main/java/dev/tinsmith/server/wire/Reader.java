package dev.tinsmith.server.wire;

import dev.tinsmith.server.http.Request;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What older versions of the official client do not know, and would not read an answer for.
public final class Reader {
    private static final Pattern OFFICIAL =
            Pattern.compile("(?:Async)?Tinker/Python (\\d{1,4})\\.(\\d{1,4})\\..*");
    private static final int EXTERNAL_SINCE = 28;

    private Reader() {}

    /// Whether whoever sent `request` can be told of exported checkpoints.
    public static boolean knowsExternal(Request request) {
        Matcher agent = OFFICIAL.matcher(request.header("User-Agent").orElse(""));
        return !agent.matches()
                || Integer.parseInt(agent.group(1)) > 0
                || Integer.parseInt(agent.group(2)) >= EXTERNAL_SINCE;
    }
}
