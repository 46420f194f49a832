package dev.tinsmith.torch.ops;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/// What the user may say of the dtype in which matrices are multiplied.
public enum DtypeChoice {
    /// bf16 where the processor multiplies it natively, fp32 elsewhere.
    AUTO,
    /// bf16 everywhere.
    BF16,
    /// fp32 everywhere.
    FP32;

    private static final Path CPU_INFO = Path.of("/proc/cpuinfo");
    private static final List<String> NATIVE_BF16 = List.of("amx_bf16", "avx512_bf16");

    /// The dtype this choice comes to on this machine, and a clause that says why.
    public Chosen resolve() {
        return switch (this) {
            case BF16 -> new Chosen(Dtype.BF16, "asked for");
            case FP32 -> new Chosen(Dtype.F32, "asked for");
            case AUTO -> automatic(cpuFlags());
        };
    }

    static Chosen automatic(Set<String> flags) {
        for (String flag : NATIVE_BF16) {
            if (flags.contains(flag)) {
                return new Chosen(Dtype.BF16, "the processor has " + flag);
            }
        }
        return new Chosen(Dtype.F32, "the processor has none of " + String.join(", ", NATIVE_BF16));
    }

    private static Set<String> cpuFlags() {
        try {
            return Files.readAllLines(CPU_INFO).stream()
                    .filter(line -> line.startsWith("flags"))
                    .findFirst()
                    .map(line ->
                            Set.of(line.substring(line.indexOf(':') + 1).strip().split("\\s+")))
                    .orElse(Set.of());
        } catch (IOException _) {
            return Set.of();
        }
    }

    /// A dtype and the reason for it.
    public record Chosen(Dtype dtype, String why) {}
}
