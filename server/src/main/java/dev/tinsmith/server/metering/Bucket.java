package dev.tinsmith.server.metering;

import dev.tinsmith.server.future.Owner;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;

/// How much of one thing was used in one hour.
///
/// @param hour when it begins
/// @param session empty for what belongs to none
/// @param amount in the unit of `use`
public record Bucket(
        Instant hour,
        Use use,
        Owner owner,
        Optional<String> session,
        String baseModel,
        double amount) {
    /// Its length.
    public static final Duration HOUR = Duration.ofHours(1);

    /// The beginning of the hour that `at` lies in.
    static Instant hourOf(Instant at) {
        return at.truncatedTo(ChronoUnit.HOURS);
    }
}
