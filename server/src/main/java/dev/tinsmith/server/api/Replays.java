package dev.tinsmith.server.api;

import static java.lang.System.Logger.Level.WARNING;

import dev.tinsmith.engine.Fault;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.RunId;
import dev.tinsmith.protocol.codec.MalformedException;
import dev.tinsmith.server.auth.Caller;
import dev.tinsmith.server.future.Ending;
import dev.tinsmith.server.future.FutureId;
import dev.tinsmith.server.future.Futures;
import dev.tinsmith.server.future.Ledger;
import dev.tinsmith.server.future.MissingException;
import dev.tinsmith.server.future.Owner;
import dev.tinsmith.server.http.Refusal;
import dev.tinsmith.server.journal.DamagedException;
import dev.tinsmith.server.journal.Entry;
import dev.tinsmith.server.journal.Journal;
import dev.tinsmith.server.journal.Verb;
import dev.tinsmith.server.queue.BusyException;
import dev.tinsmith.server.queue.Job;
import dev.tinsmith.server.queue.Letter;
import dev.tinsmith.server.queue.SequenceReusedException;
import dev.tinsmith.server.run.Run;
import dev.tinsmith.server.run.Runs;
import dev.tinsmith.server.session.SessionOverException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;

/// Requests of an earlier life of the server, made again by those who heard them then.
///
/// Whoever asked was promised an answer, so what cannot be read again now is a promise broken by
/// name, not a refusal.
final class Replays {
    private static final System.Logger LOG = System.getLogger(Replays.class.getName());

    private final Journal journal;
    private final Ledger ledger;
    private final Runs runs;
    private final Futures futures;
    private final Map<Verb, Function<byte[], FutureId>> readers;

    /// @param readers hear a request of each kind
    Replays(
            Journal journal,
            Ledger ledger,
            Runs runs,
            Futures futures,
            Map<Verb, Function<byte[], FutureId>> readers) {
        this.journal = journal;
        this.ledger = ledger;
        this.runs = runs;
        this.futures = futures;
        this.readers = Map.copyOf(readers);
    }

    void all() {
        journal.replay(this::one);
    }

    private void one(Entry entry) {
        switch (entry.verb()) {
            case SAMPLE -> sample(entry);
            case REFUSAL -> find(entry).ifPresent(run -> refuse(run, entry));
            case CREATE, PASS, STEP, SAVE, SAVE_FOR_SAMPLER, SAVE_EXTERNAL, LOAD ->
                    find(entry).ifPresent(run -> work(run, entry));
        }
    }

    /// The run that an entry is of, if it is there and does not have it.
    private Optional<Run> find(Entry entry) {
        Optional<Run> run = runs.underway(new RunId(entry.line()));
        if (run.isEmpty()) {
            journal.closed(entry.line());
        }
        return run.filter(there -> there.wants(entry));
    }

    private static void refuse(Run run, Entry entry) {
        run.lane().reject(entry.sequence(), refusal(entry));
    }

    private static String refusal(Entry entry) {
        try {
            return new String(entry.payload(), StandardCharsets.UTF_8);
        } catch (DamagedException damaged) {
            LOG.log(WARNING, "%s: %s".formatted(entry.name(), damaged.reason()));
            return "it was refused";
        }
    }

    private void work(Run run, Entry entry) {
        failure(entry)
                .ifPresent(reason -> {
                    Letter letter = new Letter(entry.verb(), new byte[0], Promises.saying(reason));
                    FutureId _ =
                            run.lane()
                                    .submit(
                                            entry.sequence(),
                                            entry.fingerprint(),
                                            Job.refusing(reason).sentAs(letter));
                });
    }

    private void sample(Entry entry) {
        FutureId id = new FutureId(entry.name());
        if (futures.knows(id)) {
            journal.told(entry.name());
            return;
        }
        failure(entry)
                .ifPresent(reason ->
                        ledger.settle(
                                new Ending(
                                        id,
                                        new Owner(entry.owner()),
                                        entry.line(),
                                        entry.sequence(),
                                        entry.fingerprint(),
                                        new Outcome.Failed(Fault.SERVER, reason),
                                        Optional.empty(),
                                        Journal.Ticket.NONE,
                                        () -> journal.told(entry.name()))));
    }

    /// Why it cannot be made again; empty if it was.
    private Optional<String> failure(Entry entry) {
        try {
            Function<byte[], FutureId> reader = Objects.requireNonNull(readers.get(entry.verb()));
            FutureId _ = new Caller(entry.owner()).during(() -> reader.apply(entry.payload()));
            return Optional.empty();
        } catch (RuntimeException failure) {
            String reason = reason(failure);
            LOG.log(WARNING, "%s cannot be read again".formatted(entry.name()), failure);
            return Optional.of(
                    "after a restart of the server this could not be begun again: " + reason);
        }
    }

    private static String reason(RuntimeException failure) {
        return switch (failure) {
            case Refusal refusal -> refusal.reason();
            case MalformedException malformed -> malformed.reason();
            case DamagedException damaged -> damaged.reason();
            case MissingException missing -> missing.reason();
            case SequenceReusedException reused -> reused.reason();
            case BusyException busy -> busy.reason();
            case SessionOverException over -> over.reason();
            case RuntimeException _ -> "the server's log says why";
        };
    }
}
