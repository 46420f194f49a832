package dev.tinsmith.models.tokenizer;

/// What a token is for.
public enum TokenKind {
    /// A piece of text, reached by merging.
    NORMAL,
    /// What a text that cannot be said becomes.
    UNKNOWN,
    /// A mark between texts, such as the end of one.
    CONTROL,
    /// A piece of text that is taken whole before anything is merged.
    USER_DEFINED,
    /// A place that is kept free.
    UNUSED,
    /// One byte, for what no other token can say.
    BYTE
}
