package dev.tinsmith.models;

import java.util.regex.Pattern;

/// What clients call a base model: `owner/name`, or a name alone.
public record ModelName(String value) {
    private static final String PART = "[A-Za-z0-9_][A-Za-z0-9._-]*";
    private static final Pattern SHAPE = Pattern.compile("%s(/%s)?".formatted(PART, PART));

    /// Between owner and name of the folder; a name must not hold it, so that no two share one.
    private static final String SLASH = "--";

    private static final int MAX_LENGTH = 200;

    public ModelName {
        if (!isName(value)) {
            throw new ModelException(
                    "'%s' is no name for a model; use owner/name or a name, of letters, digits, '.', '_' and '-', without '--' and not beginning with '.' or '-'"
                            .formatted(value));
        }
    }

    static boolean isName(String text) {
        return text.length() <= MAX_LENGTH
                && SHAPE.matcher(text).matches()
                && !text.contains(SLASH);
    }

    /// The name of its folder.
    String folder() {
        return value.replace("/", SLASH);
    }

    @Override
    public String toString() {
        return value;
    }
}
