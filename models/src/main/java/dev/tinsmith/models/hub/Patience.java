package dev.tinsmith.models.hub;

import java.io.IOException;
import java.time.Duration;
import java.util.Objects;

/// Tries again, with longer and longer pauses, what may go better next time.
final class Patience {
    private static final int TRIES = 6;
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(2);

    private final Sleeper sleeper;

    Patience(Sleeper sleeper) {
        this.sleeper = sleeper;
    }

    /// One thing to try.
    interface Attempt<T> {
        /// Does it, or fails in a way that may pass.
        T once() throws IOException, InterruptedException;

        /// How far it has come; a failure that came after more of it counts as the first one.
        default long reached() {
            return 0;
        }
    }

    /// Does `attempt` until it succeeds.
    ///
    /// @param what it gets, for the refusal
    <T> T persist(String what, Attempt<T> attempt) {
        int failures = 0;
        try {
            while (true) {
                long before = attempt.reached();
                try {
                    return attempt.once();
                } catch (IOException failure) {
                    failures = attempt.reached() > before ? 1 : failures + 1;
                    if (failures == TRIES) {
                        throw givenUp(what, failure);
                    }
                    sleeper.sleep(pause(failures, failure));
                }
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new HubException("interrupted while getting " + what, interrupted);
        }
    }

    private static Duration pause(int failures, IOException failure) {
        Duration ours = FIRST_PAUSE.multipliedBy(1L << (failures - 1));
        Duration pause = failure instanceof Busy busy ? busy.pause().orElse(ours) : ours;
        return pause.compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause;
    }

    private static HubException givenUp(String what, IOException failure) {
        if (failure instanceof Busy busy) {
            String sentence =
                    busy.status() == Status.TOO_MANY_REQUESTS
                            ? "the Hub refuses %s for now, since too many requests were made (429); wait some minutes, or set HF_TOKEN, and run the same command again"
                            : "the Hub fails to give %s (status "
                                    + busy.status()
                                    + "); run the same command again later";
            return new HubException(sentence.formatted(what), failure);
        }
        return new HubException(
                "the Hub could not be reached for %s (%s); check the network and HF_ENDPOINT, and run the same command again, it goes on where this one ended"
                        .formatted(
                                what,
                                Objects.requireNonNullElse(
                                        failure.getMessage(), failure.getClass().getSimpleName())),
                failure);
    }
}
