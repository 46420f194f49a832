package dev.tinsmith.server.observe;

import java.util.concurrent.atomic.LongAdder;

/// What this process has done since it started. Any thread may count.
public final class Counters {
    private final LongAdder requests = new LongAdder();
    private final LongAdder trained = new LongAdder();
    private final LongAdder sampled = new LongAdder();
    private final LongAdder diverged = new LongAdder();
    private final LongAdder waitingWork = new LongAdder();
    private final LongAdder waitingSamples = new LongAdder();

    /// One more request was answered.
    public void request() {
        requests.increment();
    }

    /// So many input tokens went through a forward-backward pass.
    public void trained(long tokens) {
        trained.add(tokens);
    }

    /// So many tokens were generated.
    public void sampled(long tokens) {
        sampled.add(tokens);
    }

    /// Work was done again after a restart, and something else came of it.
    public void diverged() {
        diverged.increment();
    }

    /// So many more pieces of work wait in lanes; fewer, if negative.
    public void workWaits(int more) {
        waitingWork.add(more);
    }

    /// So many more samples are promised and not finished; fewer, if negative.
    public void samplesWait(int more) {
        waitingSamples.add(more);
    }

    /// All counts at about one instant.
    public Reading read() {
        return new Reading(
                requests.sum(),
                trained.sum(),
                sampled.sum(),
                diverged.sum(),
                waitingWork.sum(),
                waitingSamples.sum());
    }

    /// The counts.
    ///
    /// @param requests answered
    /// @param trainedTokens through forward-backward passes
    /// @param sampledTokens generated
    /// @param diverged pieces of work that gave something else when they were done again
    /// @param waitingWork pieces of training work not begun yet
    /// @param waitingSamples samples not finished yet
    public record Reading(
            long requests,
            long trainedTokens,
            long sampledTokens,
            long diverged,
            long waitingWork,
            long waitingSamples) {}
}
