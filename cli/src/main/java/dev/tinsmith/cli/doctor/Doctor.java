package dev.tinsmith.cli.doctor;

import dev.tinsmith.torch.TorchEngine;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// Looks at the machine, and changes nothing but the page cache.
public final class Doctor {
    private static final long GIB = 1L << 30;
    private static final Pattern FEATURES =
            Pattern.compile("\\b(avx2|fma|avx512f|avx512_bf16|amx_bf16)\\b");

    private Doctor() {}

    /// What there is to say for a server with this data directory and port.
    public static List<Finding> examine(Path data, int port) {
        List<Finding> findings =
                new ArrayList<>(
                        List.of(java(), processor(), cores(), memory(), disk(data), port(port)));
        findings.addAll(libtorch());
        return findings;
    }

    private static Finding java() {
        return Finding.well(
                "JDK",
                "%s, %s"
                        .formatted(
                                Runtime.version(), System.getProperty("java.vendor", "unknown")));
    }

    private static Finding processor() {
        String info = read(Path.of("/proc/cpuinfo"));
        List<String> features =
                FEATURES.matcher(info).results().map(found -> found.group()).distinct().toList();
        String fact = "%s; %s".formatted(field(info, "model name"), String.join(" ", features));
        return features.contains("avx2")
                ? Finding.well("processor", fact)
                : new Finding(
                        "processor",
                        fact,
                        "without AVX2 the multiplies are slow; use a newer machine");
    }

    private static Finding cores() {
        return Finding.well("cores", Integer.toString(Runtime.getRuntime().availableProcessors()));
    }

    private static Finding memory() {
        String info = read(Path.of("/proc/meminfo"));
        double available = kibibytes(info, "MemAvailable") * 1024.0 / GIB;
        String fact =
                "%.1f of %.1f GiB free"
                        .formatted(available, kibibytes(info, "MemTotal") * 1024.0 / GIB);
        return available >= 2
                ? Finding.well("memory", fact)
                : new Finding("memory", fact, "a small model needs 2 GiB; end other programs");
    }

    private static Finding disk(Path data) {
        Path there = nearest(data);
        try {
            FileStore store = Files.getFileStore(there);
            double free = (double) store.getUsableSpace() / GIB;
            String fact = "%.1f GiB free for %s".formatted(free, data);
            if (!Files.isWritable(there)) {
                return new Finding(
                        "disk", fact, "this user may not write there; name another --data");
            }
            return free >= 2
                    ? Finding.well("disk", fact)
                    : new Finding("disk", fact, "a small model and its checkpoints need 2 GiB");
        } catch (IOException failure) {
            return new Finding("disk", data + " cannot be examined", "check its mount");
        }
    }

    /// The deepest part of `path` that is there.
    private static Path nearest(Path path) {
        return Files.exists(path)
                ? path
                : Optional.ofNullable(path.getParent()).map(Doctor::nearest).orElse(path);
    }

    private static Finding port(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return Finding.well("port", "%d is free".formatted(socket.getLocalPort()));
        } catch (IOException taken) {
            return new Finding(
                    "port", "%d is in use".formatted(port), "end that program or pass --port");
        }
    }

    private static List<Finding> libtorch() {
        try (TorchEngine engine = TorchEngine.open(TorchEngine.Options.DEFAULT)) {
            return List.of(Finding.well("libtorch", engine.describe()), bits(engine.losesBitsOf()));
        } catch (LinkageError broken) {
            return List.of(
                    new Finding(
                            "libtorch",
                            "cannot be loaded: " + broken.getMessage(),
                            "it needs 64-bit Linux with glibc 2.28 or newer, and room in the home directory's .javacpp"));
        }
    }

    private static Finding bits(List<String> lost) {
        return lost.isEmpty()
                ? Finding.well("bits", "the same alone and in company, in training and in sampling")
                : new Finding(
                        "bits",
                        "not the same in company for " + String.join(", ", lost),
                        "results are right, but their last bits depend on what else is computed; --dtype may name another type");
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException notLinux) {
            return "";
        }
    }

    private static String field(String info, String name) {
        return info.lines()
                .filter(line -> line.startsWith(name))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse("unknown");
    }

    private static long kibibytes(String info, String name) {
        return Optional.of(field(info, name).replaceAll("\\D", ""))
                .filter(digits -> !digits.isEmpty())
                .map(Long::parseLong)
                .orElse(0L);
    }
}
