package dev.tinsmith.engine.tensor;

/// What the values of a tensor are. Where two kinds meet the later one wins, as in PyTorch, whose
/// many widths make no difference here.
public enum Kind {
    /// 0 or 1.
    BOOL,
    /// Integers, exact up to 2⁵³.
    WHOLE,
    /// Fractions; the only kind that has derivatives.
    REAL;

    /// The kind of what is made of both.
    public Kind with(Kind other) {
        return compareTo(other) >= 0 ? this : other;
    }
}
