package dev.tinsmith.server.queue;

import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.Work;
import java.util.Optional;

/// A job that came with a letter.
record SentJob(Job job, Letter sent) implements Job {
    @Override
    public int tokens() {
        return job.tokens();
    }

    @Override
    public Optional<Letter> letter() {
        return Optional.of(sent);
    }

    @Override
    public Optional<Outcome> before() {
        return job.before();
    }

    @Override
    public boolean changesRun() {
        return job.changesRun();
    }

    @Override
    public boolean isOnce() {
        return job.isOnce();
    }

    @Override
    public Work begin() {
        return job.begin();
    }

    @Override
    public Outcome end(Outcome outcome) {
        return job.end(outcome);
    }
}
