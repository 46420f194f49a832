package dev.tinsmith.cli.doctor;

/// One line of a diagnosis.
///
/// @param subject what was looked at
/// @param fact what was found
/// @param advice what to do about it; empty if all is well
public record Finding(String subject, String fact, String advice) {

    static Finding well(String subject, String fact) {
        return new Finding(subject, fact, "");
    }

    /// Whether there is nothing to do.
    public boolean isWell() {
        return advice.isEmpty();
    }

    @Override
    public String toString() {
        return "%s %-9s %s%s"
                .formatted(isWell() ? "✔" : "✘", subject, fact, isWell() ? "" : " → " + advice);
    }
}
