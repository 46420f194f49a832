package dev.tinsmith.server.queue;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/// How fast a line moves, learnt from those who left it in the last minutes while others waited.
/// Any thread may ask.
public final class Pace {
    /// After so long a departure counts for a third of a new one.
    private static final Duration MEMORY = Duration.ofMinutes(1);

    private final InstantSource clock;
    private Instant last;
    private double seconds;
    private double departures;

    /// In a line that nobody has left yet.
    public Pace(InstantSource clock) {
        this.clock = clock;
        this.last = clock.instant();
    }

    /// Somebody comes; in an empty line the time begins to count anew.
    ///
    /// @param there how many are in line already
    public synchronized void comes(int there) {
        if (there == 0) {
            last = clock.instant();
        }
    }

    /// Somebody goes.
    public synchronized void goes() {
        Instant now = clock.instant();
        double passed = Duration.between(last, now).toMillis() / 1000.0;
        double kept = Math.exp(-passed / MEMORY.toSeconds());
        seconds = seconds * kept + passed;
        departures = departures * kept + 1;
        last = now;
    }

    /// How long it takes until `count` have gone; nothing, as long as nobody has.
    public synchronized Duration of(int count) {
        return departures == 0
                ? Duration.ZERO
                : Duration.ofMillis(Math.round(1000 * count * seconds / departures));
    }

    /// Where somebody is in a line, for the client.
    ///
    /// @param position counted from 1
    public String place(int position, int length) {
        long left = of(position).toSeconds();
        return "position %d of %d in line".formatted(position, length)
                + (left == 0 ? "" : ", about %d seconds to go".formatted(left));
    }
}
