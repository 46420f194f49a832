package dev.tinsmith.protocol;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// Where a checkpoint is: `tinker://<run>/<kind>/<name>`.
public record TinkerPath(String run, Kind kind, String name) {
    private static final String SCHEME = "tinker://";
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]{1,128}");
    private static final Pattern RUN = Pattern.compile("[A-Za-z0-9._:-]{1,200}");

    public TinkerPath {
        if (!RUN.matcher(run).matches() || dots(run)) {
            throw new IllegalArgumentException(
                    "the run of a tinker:// path is '%s'; it is made of letters, digits and . _ - :"
                            .formatted(run));
        }
        if (!NAME.matcher(name).matches() || name.startsWith(".")) {
            throw new IllegalArgumentException(
                    "'%s' cannot name a checkpoint; use 1 to 128 letters, digits and . _ -, and no dot at the start"
                            .formatted(name));
        }
    }

    /// Reads what [#toString] writes.
    ///
    /// @throws IllegalArgumentException with one sentence if `text` is no such path
    public static TinkerPath parse(String text) {
        List<String> parts =
                text.startsWith(SCHEME)
                        ? Arrays.asList(text.substring(SCHEME.length()).split("/", -1))
                        : List.of();
        if (parts.size() != 3) {
            throw new IllegalArgumentException(
                    "'%s' is no path of a checkpoint; write tinker://<run>/<kind>/<name>"
                            .formatted(text));
        }
        return new TinkerPath(parts.get(0), Kind.of(parts.get(1)), parts.get(2));
    }

    /// `<kind>/<name>`, which clients call the checkpoint's id.
    public String checkpointId() {
        return kind.segment() + "/" + name;
    }

    @Override
    public String toString() {
        return SCHEME + run + "/" + checkpointId();
    }

    private static boolean dots(String text) {
        return text.chars().allMatch(letter -> letter == '.');
    }

    /// What a checkpoint is good for.
    public enum Kind {
        /// Adapter, optimizer and step: training can go on from it.
        WEIGHTS("weights", "training"),
        /// The adapter alone, to sample from.
        SAMPLER_WEIGHTS("sampler_weights", "sampler"),
        /// The adapter as PEFT reads it, to download.
        EXTERNAL_WEIGHTS("external_weights", "external");

        private final String segment;
        private final String type;

        Kind(String segment, String type) {
            this.segment = segment;
            this.type = type;
        }

        /// How it is written in a path.
        public String segment() {
            return segment;
        }

        /// How it is written in a list of checkpoints.
        public String type() {
            return type;
        }

        /// The kind that a path writes as `segment`.
        ///
        /// @throws IllegalArgumentException naming the kinds there are
        public static Kind of(String segment) {
            return find(segment)
                    .orElseThrow(() ->
                            new IllegalArgumentException(
                                    "'%s' is no kind of checkpoint; there are %s"
                                            .formatted(
                                                    segment,
                                                    Arrays.stream(values())
                                                            .map(Kind::segment)
                                                            .toList())));
        }

        private static Optional<Kind> find(String segment) {
            return Arrays.stream(values()).filter(kind -> kind.segment.equals(segment)).findFirst();
        }
    }
}
