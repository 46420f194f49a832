package dev.tinsmith.torch.weights;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/// How much memory this machine could still give.
public final class FreeMemory {
    private static final Path MEM_INFO = Path.of("/proc/meminfo");
    private static final String AVAILABLE = "MemAvailable:";

    private FreeMemory() {}

    /// In bytes; unknown where the system does not say.
    public static OptionalLong bytes() {
        try {
            return Files.readAllLines(MEM_INFO).stream()
                    .filter(line -> line.startsWith(AVAILABLE))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) << 10)
                    .findFirst();
        } catch (IOException _) {
            return OptionalLong.empty();
        }
    }

    /// `bytes` as people say it.
    public static String words(long bytes) {
        return bytes < 1L << 30
                ? "%.0f MiB".formatted(bytes / (double) (1L << 20))
                : "%.1f GiB".formatted(bytes / (double) (1L << 30));
    }
}
