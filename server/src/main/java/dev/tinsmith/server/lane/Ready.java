package dev.tinsmith.server.lane;

import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.RunId;
import dev.tinsmith.server.journal.Journal.Ticket;
import dev.tinsmith.server.queue.Job;
import java.util.Optional;
import java.util.function.Consumer;

/// A job whose turn comes next; without a number it is ours, and promised to nobody.
///
/// @param then told on the engine's thread what came of it
record Ready(Optional<Long> sequence, Slot.Taken slot, Consumer<Outcome> then) {
    static Ready ours(Job job, Consumer<Outcome> then) {
        return new Ready(Optional.empty(), new Slot.Taken("", job, Ticket.NONE), then);
    }

    Job job() {
        return slot.job();
    }

    String name(RunId run) {
        return sequence.map(number -> "number %d of %s".formatted(number, run))
                .orElse("the house's own work on " + run);
    }
}
