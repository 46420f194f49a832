package dev.tinsmith.server.lane;

import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.RunId;
import dev.tinsmith.server.future.Ending;
import dev.tinsmith.server.future.FutureId;
import dev.tinsmith.server.future.Terms;
import dev.tinsmith.server.journal.Entry;
import dev.tinsmith.server.journal.Verb;
import dev.tinsmith.server.metering.Subject;
import dev.tinsmith.server.queue.Job;
import dev.tinsmith.server.queue.Letter;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Supplier;

/// What is written down and told of a run's work. Any thread may ask.
///
/// @param subject whose all that is promised is
record Voice(RunId run, Subject subject, Commons commons) {

    /// What is to be written of a request; empty if it is written already, or need not be.
    Optional<Entry> entry(long sequence, String fingerprint, Job job) {
        return job.letter()
                .filter(_ -> !commons.journal().isReplaying())
                .map(letter -> letter.entry(subject.owner(), run.value(), sequence, fingerprint));
    }

    /// What is to be written of a refusal.
    Entry refusal(long sequence, String reason) {
        return Entry.of(
                Verb.REFUSAL,
                subject.owner().value(),
                run.value(),
                sequence,
                "",
                reason.getBytes(StandardCharsets.UTF_8));
    }

    void promise(long sequence, Supplier<Optional<String>> waiting) {
        boolean _ =
                commons.futures()
                        .promise(
                                FutureId.of(run, sequence),
                                new Terms(subject.owner(), waiting, Optional.empty()));
    }

    void settle(long sequence, Slot.Taken slot, Outcome outcome) {
        commons.ledger()
                .settle(
                        new Ending(
                                FutureId.of(run, sequence),
                                subject.owner(),
                                run.value(),
                                sequence,
                                slot.fingerprint(),
                                outcome,
                                slot.job().letter().map(Letter::telling),
                                slot.asked(),
                                () -> {}));
    }
}
