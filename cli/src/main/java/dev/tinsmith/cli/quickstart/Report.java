package dev.tinsmith.cli.quickstart;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/// One page about one quickstart, with all it needs inside.
final class Report {
    private static final String STYLE =
            """
            body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 3rem auto; padding: 0 1rem; color: #1c1c1e; }
            h1 { font-size: 1.6rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
            table { border-collapse: collapse; } td { padding: .2rem 1rem .2rem 0; vertical-align: top; }
            td:first-child { color: #6b6b70; white-space: nowrap; }
            blockquote { margin: .3rem 0 1rem; padding: .2rem 1rem; border-left: 3px solid #b65c1d; white-space: pre-wrap; }
            code, pre { background: #f4f1ec; padding: .1rem .3rem; border-radius: 3px; overflow-x: auto; }
            svg { width: 100%; } svg polyline { fill: none; stroke: #b65c1d; stroke-width: 2; }
            svg circle { fill: #b65c1d; } svg line { stroke: #ddd; } svg text { font-size: 11px; fill: #6b6b70; }
            """;

    private Report() {}

    /// @param facts rows of the table, name and value
    /// @param next what to type now
    static void write(Path file, Story story, List<Fact> facts, List<String> next) {
        StringBuilder page =
                new StringBuilder("<!doctype html><html lang='en'><meta charset='utf-8'>")
                        .append("<title>Tinsmith quickstart</title><style>")
                        .append(STYLE)
                        .append("</style><h1>A trained adapter</h1><p>")
                        .append(
                                String.format(
                                        Locale.ROOT,
                                        "The loss fell by %.0f %%, from %.3f to %.3f per token.",
                                        100 * story.fall(),
                                        story.firstLoss(),
                                        story.lastLoss()))
                        .append("</p>")
                        .append(new LossPlot(story.steps()).svg())
                        .append("<table>");
        facts.forEach(fact ->
                page.append("<tr><td>")
                        .append(escaped(fact.name()))
                        .append("</td><td>")
                        .append(escaped(fact.value()))
                        .append("</td></tr>"));
        page.append("</table>");
        story.answers().forEach(answer -> page.append(section(answer)));
        page.append("<h2>Next</h2><pre>")
                .append(escaped(String.join("\n", next)))
                .append("</pre></html>\n");
        try {
            Files.writeString(file, page);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private static String section(Event.Answer answer) {
        return "<h2>%s training: %s</h2><blockquote>%s</blockquote>"
                .formatted(
                        escaped(capital(answer.when())),
                        escaped(answer.question()),
                        escaped(answer.answer().strip()));
    }

    private static String capital(String word) {
        return word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1);
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    /// One row of the table.
    record Fact(String name, String value) {}
}
