package dev.tinsmith.models.peft;

import dev.tinsmith.engine.format.AdapterConfig;
import dev.tinsmith.engine.format.FormatException;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// Regular expressions as Python writes them. Their groups' names are dropped, which is the one
/// difference that occurs in names of modules.
final class PythonPattern {
    private PythonPattern() {}

    /// @param setting where `text` is found, for the refusal
    /// @param whole the expression around it, with `%s` in its place
    static Pattern compile(String setting, String text, String whole) {
        try {
            return Pattern.compile(whole.formatted(text.replaceAll("\\(\\?P<\\w+>", "(")));
        } catch (PatternSyntaxException wrong) {
            throw new FormatException(
                    "%s says %s has '%s', which is no regular expression (%s); name the modules one by one"
                            .formatted(AdapterConfig.FILE, setting, text, wrong.getDescription()),
                    wrong);
        }
    }
}
