package dev.tinsmith.server.checkpoint;

import dev.tinsmith.engine.RunId;
import java.util.regex.Pattern;

/// Where a checkpoint is found: `tinker://<run>/<kind>/<name>`.
public record CheckpointPath(RunId run, CheckpointKind kind, String name) {
    private static final String SCHEME = "tinker://";
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,128}");

    public CheckpointPath {
        if (!NAME.matcher(name).matches() || name.startsWith(".")) {
            throw new IllegalArgumentException(
                    "a checkpoint cannot be called '%s'; use 1 to 128 of A-Z a-z 0-9 . _ - and no dot at the start"
                            .formatted(name));
        }
        if (run.value().contains("/")) {
            throw new IllegalArgumentException(
                    "no training run is called '%s'; its name has no slash".formatted(run));
        }
    }

    /// Reads what [#toString] wrote.
    public static CheckpointPath parse(String text) {
        String[] parts = text.substring(Math.min(text.length(), SCHEME.length())).split("/", -1);
        if (!text.startsWith(SCHEME) || parts.length != 3 || parts[0].isBlank()) {
            throw new IllegalArgumentException(
                    "'%s' is no checkpoint path; it must be tinker://<run>/<kind>/<name>"
                            .formatted(text));
        }
        CheckpointKind kind =
                CheckpointKind.of(parts[1])
                        .orElseThrow(() ->
                                new IllegalArgumentException(
                                        "'%s' has the kind '%s'; it must be weights, sampler_weights or external_weights"
                                                .formatted(text, parts[1])));
        return new CheckpointPath(new RunId(parts[0]), kind, parts[2]);
    }

    @Override
    public String toString() {
        return SCHEME + run + "/" + kind.segment() + "/" + name;
    }
}
