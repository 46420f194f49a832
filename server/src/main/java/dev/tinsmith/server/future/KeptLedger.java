package dev.tinsmith.server.future;

import static java.lang.System.Logger.Level.ERROR;

import dev.tinsmith.engine.Fault;
import dev.tinsmith.server.disk.Batches;
import java.io.IOError;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// Writes down how promises end, and only then tells those who wait: what a client was told is
/// never taken back by a restart.
///
/// A thread of its own takes all that came while it wrote, writes it in one transaction, then tells
/// everybody. What is to happen in between keeps its place in line. If the records fail, so does
/// the server, at once.
public final class KeptLedger implements Ledger {
    private static final System.Logger LOG = System.getLogger(KeptLedger.class.getName());
    private static final FutureState.Settled BUG =
            new FutureState.Failed(Fault.SERVER, "the server failed; its log says why");

    private final Futures futures;
    private final Archive archive;
    private final InstantSource clock;
    private final Consumer<Error> halt;
    private final Thread thread = Thread.ofPlatform().name("ledger").unstarted(this::work);
    private final Batches<Line> lines = new Batches<>();

    private sealed interface Line {
        record Settle(Ending ending) implements Line {}

        record Then(Runnable writing) implements Line {}
    }

    private record Written(Ending ending, FutureState.Settled end) {}

    private KeptLedger(
            Futures futures, Archive archive, InstantSource clock, Consumer<Error> halt) {
        this.futures = futures;
        this.archive = archive;
        this.clock = clock;
        this.halt = halt;
    }

    /// Starts its thread.
    ///
    /// @param halt told if the records fail
    public static KeptLedger start(
            Futures futures, Archive archive, InstantSource clock, Consumer<Error> halt) {
        KeptLedger ledger = new KeptLedger(futures, archive, clock, halt);
        ledger.thread.start();
        return ledger;
    }

    @Override
    public void settle(Ending ending) {
        lines.add(new Line.Settle(ending));
    }

    @Override
    public void then(Runnable writing) {
        lines.add(new Line.Then(writing));
    }

    private void work() {
        try {
            for (List<Line> batch = lines.take(); !batch.isEmpty(); batch = lines.take()) {
                List<Written> endings = new ArrayList<>();
                for (Line line : batch) {
                    switch (line) {
                        case Line.Settle(Ending ending) ->
                                endings.add(new Written(ending, told(ending)));
                        case Line.Then(Runnable writing) -> {
                            flush(endings);
                            writing.run();
                        }
                    }
                }
                flush(endings);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException failure) {
            halt.accept(new IOError(failure));
        } catch (Error lost) {
            halt.accept(lost);
        }
    }

    private void flush(List<Written> endings) {
        if (endings.isEmpty()) {
            return;
        }
        endings.forEach(written -> written.ending().asked().await());
        archive.keep(endings.stream().map(this::kept).toList());
        for (Written written : endings) {
            futures.settle(written.ending().id(), written.end());
            written.ending().after().run();
        }
        endings.clear();
    }

    private Archive.Kept kept(Written written) {
        Ending ending = written.ending();
        return new Archive.Kept(
                ending.id(),
                ending.owner(),
                ending.line(),
                ending.sequence(),
                ending.fingerprint(),
                clock.instant(),
                Optional.of(written.end()));
    }

    /// What the client will be told.
    private static FutureState.Settled told(Ending ending) {
        try {
            return FutureState.Settled.told(ending.outcome(), ending.telling()).orElseThrow();
        } catch (RuntimeException bug) {
            LOG.log(ERROR, "telling " + ending.id(), bug);
            return BUG;
        }
    }

    /// Writes what is there to its end.
    @Override
    public void close() {
        lines.close();
        try {
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
