package dev.tinsmith.cli.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Everything about a server that may be set, said once: `--data` on the command line is `data` in
/// the file and `TINSMITH_DATA` in the environment. To add one: write its line here, and read it in
/// `Serve`; a test holds docs/configuration.md against this list.
public enum Setting {
    DATA("./data", "DIR", "models, checkpoints, the first key"),
    HOST("127.0.0.1", "HOST", "the address to listen on; 0.0.0.0 for every interface"),
    PORT("8000", "PORT", "the port to listen on; 0 takes a free one"),
    MODEL("", "NAME=SOURCE", "adds a base model on the way; may be given several times"),
    DEVICE("cpu", "cpu|cuda", "where to compute"),
    DTYPE("auto", "auto|bf16|fp32", "the type of the matrix multiplies; auto: what is quick here"),
    THREADS("0", "N", "threads of a multiply; 0: as many as there are cores"),
    PASS_TOKENS("512", "N", "tokens computed at once, which bounds the memory of a pass"),
    PROMPT_CACHE("256", "MIB", "memory for the beginnings of earlier prompts; 0: none is kept"),
    EXTERNAL_URL(
            "", "URL", "how clients reach the server, for download links; else the Host they used"),
    SESSION_TIMEOUT("5m", "TIME", "a session without a heartbeat for this long is over"),
    QUEUED_SAMPLES("2000", "N", "samples that may wait; more are told to come back (429)"),
    SAMPLES_PER_CLIENT("256", "N", "samples that one client keeps under way at once"),
    SAMPLE_POLLS(
            "each",
            "each|session",
            "how clients wait for samples: a request for each, or one for all of a sampler"),
    SAMPLE_CANCEL("on", "on|off", "whether clients take back samples that nobody waits for"),
    SAMPLE_JOIN("on", "on|off", "whether copies of a sampling client ask for their numbers"),
    CLIENT_TRANSPORT("pyqwest", "pyqwest|httpx", "what clients speak HTTP with"),
    CLIENT_PACKING("zstd", "zstd|none", "whether clients pack what they train on"),
    MAX_BODY("32", "MIB", "the largest request body, unpacked"),
    TOKENS(
            "on",
            "on|off",
            "clients change their key for a token that lasts an hour; whoami needs it"),
    CONFIG("", "FILE", "a YAML file of these settings");

    private final String fallback;
    private final String parameter;
    private final String description;

    Setting(String fallback, String parameter, String description) {
        this.fallback = fallback;
        this.parameter = parameter;
        this.description = description;
    }

    /// The name in a file, `external-url`; a flag is this with `--` before it.
    public String key() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// The name in the environment, `TINSMITH_EXTERNAL_URL`.
    public String variable() {
        return "TINSMITH_" + name();
    }

    /// The value when nobody sets it; empty for none.
    public String fallback() {
        return fallback;
    }

    /// What stands for the value in a usage line.
    public String parameter() {
        return parameter;
    }

    public String description() {
        return description;
    }

    /// Whether it may be given several times.
    public boolean repeats() {
        return this == MODEL;
    }

    static Optional<Setting> byKey(String key) {
        return Arrays.stream(values()).filter(setting -> setting.key().equals(key)).findFirst();
    }

    static List<String> keys() {
        return Arrays.stream(values()).map(Setting::key).toList();
    }
}
