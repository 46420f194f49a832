package dev.tinsmith.server.queue;

import java.util.Optional;

/// A job that came with a letter.
record SentJob(Job job, Letter sent) implements AroundJob {
    @Override
    public Optional<Letter> letter() {
        return Optional.of(sent);
    }
}
