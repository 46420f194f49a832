package dev.tinsmith.cli.quickstart;

import java.io.PrintStream;
import java.util.Locale;

/// What the person sees: a bar that moves on a terminal, plain lines elsewhere.
final class Screen {
    private static final int BAR = 30;

    private final PrintStream out;
    private final boolean terminal;
    private final long start = System.nanoTime();

    Screen(PrintStream out, boolean terminal) {
        this.out = out;
        this.terminal = terminal;
    }

    /// A stage of the way begins.
    void stage(String what) {
        out.printf(Locale.ROOT, "[%5.1f s] %s%n", (System.nanoTime() - start) / 1e9, what);
    }

    void line(String text) {
        out.println(text);
    }

    void show(Event event) {
        switch (event) {
            case Event.Step step -> step(step);
            case Event.Answer answer ->
                    out.printf(
                            "  %s training: %s%n    → %s%n",
                            answer.when(),
                            answer.question(),
                            answer.answer().strip().replace("\n", "\n      "));
            case Event.Saved saved -> out.printf("  saved %s%n", saved.path());
            case Event.Remark _ -> {}
        }
    }

    private void step(Event.Step step) {
        int done = BAR * step.step() / step.of();
        String text =
                String.format(
                        Locale.ROOT,
                        "  step %3d/%d  loss %.3f  %.0f tokens/s",
                        step.step(),
                        step.of(),
                        step.loss(),
                        step.seconds() > 0 ? rate(step) : 0);
        if (terminal) {
            out.print("\r  " + "█".repeat(done) + "░".repeat(BAR - done) + text);
            if (step.step() == step.of()) {
                out.println();
            }
            out.flush();
        } else {
            out.println(text);
        }
    }

    private long tokens;

    private double rate(Event.Step step) {
        tokens += step.tokens();
        return tokens / step.seconds();
    }
}
