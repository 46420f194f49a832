package dev.tinsmith.models.hub;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Does not wait, and knows how long it would have.
public final class RecordingSleeper implements Sleeper {
    private final List<Duration> pauses = new ArrayList<>();

    @Override
    public void sleep(Duration time) {
        pauses.add(time);
    }

    List<Long> seconds() {
        return pauses.stream().map(Duration::toSeconds).toList();
    }
}
