package dev.tinsmith.cli.terminal;

import dev.tinsmith.models.Progress;
import java.io.Console;
import java.util.Optional;

/// How commands tell how far something has come.
public final class Teller {
    private Teller() {}

    /// A line that moves, on a terminal; nothing elsewhere, where lines pile up.
    public static Progress progress() {
        if (!isTerminal()) {
            return Progress.SILENT;
        }
        return (what, done, total) -> {
            System.err.printf("\r  %3d %%  %-60.60s", total == 0 ? 100 : 100 * done / total, what);
            if (done == total) {
                System.err.print("\r" + " ".repeat(70) + "\r");
            }
        };
    }

    /// Whether a person watches.
    public static boolean isTerminal() {
        return Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent();
    }

    /// A size as people say it.
    public static String bytes(long count) {
        return count < 10_000_000
                ? "%.1f kB".formatted(count / 1e3)
                : "%.1f MB".formatted(count / 1e6);
    }
}
