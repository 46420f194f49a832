package dev.tinsmith.server.metering;

import java.time.Instant;
import java.util.Comparator;

/// What one count is of, in the order in which counts are told.
///
/// @param session empty for none
record Key(Instant hour, Use use, String owner, String session, String baseModel)
        implements Comparable<Key> {
    private static final Comparator<Key> ORDER =
            Comparator.comparing(Key::hour)
                    .thenComparing(Key::use)
                    .thenComparing(Key::owner)
                    .thenComparing(Key::session)
                    .thenComparing(Key::baseModel);

    /// Before every other one of its hour.
    static Key first(Instant hour) {
        return new Key(hour, Use.TRAINING, "", "", "");
    }

    @Override
    public int compareTo(Key other) {
        return ORDER.compare(this, other);
    }
}
