package dev.tinsmith.cli.terminal;

/// A command that cannot be done, with one sentence for the person who typed it: the thing, the
/// rule and the fix.
public final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String sentence;

    public Refusal(String sentence) {
        super(sentence);
        this.sentence = sentence;
    }

    public String sentence() {
        return sentence;
    }
}
