package dev.tinsmith.server.journal;

/// From one number to another, both included.
public record Span(long first, long last) {
    Span with(Span other) {
        return new Span(Math.min(first, other.first), Math.max(last, other.last));
    }
}
