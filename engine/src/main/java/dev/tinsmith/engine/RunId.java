package dev.tinsmith.engine;

/// The name of one training run, such as `6d1f…:train:0`; the client knows it as its model id.
public record RunId(String value) {
    public RunId {
        if (value.isBlank()) {
            throw new IllegalArgumentException("a run has a name");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
