package dev.tinsmith.models.hub;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A model's repository at a branch, tag or commit.
public record HubRepo(String owner, String name, String revision) {
    /// What an operator writes before it.
    public static final String SCHEME = "hf:";

    private static final String MAIN = "main";
    private static final String PART = "[A-Za-z0-9_][A-Za-z0-9._-]*";
    private static final Pattern SHAPE =
            Pattern.compile("hf:(%s)/(%s)(?:@([A-Za-z0-9._/-]+))?".formatted(PART, PART));

    /// Understands `hf:owner/name` and `hf:owner/name@revision`.
    public static Optional<HubRepo> parse(String text) {
        Matcher matcher = SHAPE.matcher(text);
        if (!matcher.matches() || text.contains("..")) {
            return Optional.empty();
        }
        String revision = Optional.ofNullable(matcher.group(3)).orElse(MAIN);
        return Optional.of(new HubRepo(matcher.group(1), matcher.group(2), revision));
    }

    /// Owner and name.
    String path() {
        return owner + "/" + name;
    }

    @Override
    public String toString() {
        return revision.equals(MAIN) ? path() : path() + "@" + revision;
    }
}
