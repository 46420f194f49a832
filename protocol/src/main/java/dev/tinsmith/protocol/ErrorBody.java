package dev.tinsmith.protocol;

/// What every refused request is answered with.
///
/// @param detail one sentence: what was asked, what is allowed, what to do
public record ErrorBody(String detail) {}
