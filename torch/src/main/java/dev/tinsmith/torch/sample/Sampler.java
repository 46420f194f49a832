package dev.tinsmith.torch.sample;

import dev.tinsmith.engine.Engine.Decoded;
import dev.tinsmith.engine.Fault;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.Sample;
import dev.tinsmith.torch.lora.Adaptation;
import dev.tinsmith.torch.nn.Decoder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// Decodes many samples at once: whoever comes joins those that are under way, whoever is done
/// leaves, and all rows of a base share each of its multiplications, whatever their adapters.
public final class Sampler implements AutoCloseable {
    /// How many continuations of a base advance together; those of a request with more take turns.
    static final int MAX_ROWS = 64;

    private final int budget;
    private final Function<Throwable, Outcome.Failed> explain;
    private final Deque<Request> waiting = new ArrayDeque<>();
    private final Map<Decoder, Rows> decoding = new LinkedHashMap<>();
    private final List<Decoded> finished = new ArrayList<>();
    private boolean lastWasPrefill;

    /// @param budget how many tokens of prompts go through at once
    /// @param explain what to tell a caller whose sample failed
    public Sampler(int budget, Function<Throwable, Outcome.Failed> explain) {
        this.budget = budget;
        this.explain = explain;
    }

    /// Puts a checked sample in line.
    ///
    /// @param release gives the adapter back; called once, when the sample is done
    public void admit(
            long ticket, Sample sample, Decoder decoder, Adaptation adaptation, Runnable release) {
        waiting.add(new Request(ticket, sample, decoder, adaptation, release));
    }

    /// One bounded slice: the prompts that fit a budget, or a token for every row. They take turns,
    /// so that those who keep coming do not hold up those who are there.
    ///
    /// @return the samples that are finished
    public List<Decoded> decode() {
        boolean othersTurn = lastWasPrefill && !decoding.isEmpty();
        List<Request> entering = othersTurn ? List.of() : entering();
        lastWasPrefill = !entering.isEmpty();
        if (lastWasPrefill) {
            prefill(entering);
        } else {
            decoding.forEach(this::step);
        }
        decoding.values().removeIf(Rows::isEmpty);
        List<Decoded> results = List.copyOf(finished);
        finished.clear();
        return results;
    }

    /// Those at the head of the line that may start together: of one base and adapter, within the
    /// budget, and with room among the rows.
    private List<Request> entering() {
        List<Request> entering = new ArrayList<>();
        int tokens = 0;
        int rows = waiting.isEmpty() ? 0 : rows(waiting.peek().decoder()).count();
        while (!waiting.isEmpty()) {
            Request next = waiting.peek();
            Request first = entering.isEmpty() ? next : entering.getFirst();
            tokens += next.sample().prompt().length();
            rows += next.turn().size();
            boolean alone = entering.isEmpty();
            if (next.decoder() != first.decoder()
                    || next.adaptation() != first.adaptation()
                    || (!alone && tokens > budget)
                    || rows > MAX_ROWS) {
                break;
            }
            entering.add(waiting.remove());
        }
        return entering;
    }

    private Rows rows(Decoder decoder) {
        return decoding.computeIfAbsent(decoder, Rows::new);
    }

    private void prefill(List<Request> entering) {
        Decoder decoder = entering.getFirst().decoder();
        Rows rows = rows(decoder);
        try {
            settle(rows, new Step(decoder, rows).prefill(entering));
        } catch (RuntimeException | OutOfMemoryError failure) {
            fail(rows, entering, explain.apply(failure));
        }
    }

    private void step(Decoder decoder, Rows rows) {
        if (rows.isEmpty()) {
            return;
        }
        try {
            settle(rows, new Step(decoder, rows).next());
        } catch (RuntimeException | OutOfMemoryError failure) {
            List<Request> all = rows.all().stream().map(Rows.Row::request).distinct().toList();
            fail(rows, all, explain.apply(failure));
        }
    }

    /// Takes out whoever is done or cannot go on.
    private void settle(Rows rows, List<Request> broken) {
        if (!broken.isEmpty()) {
            fail(
                    rows,
                    broken,
                    new Outcome.Failed(
                            Fault.USER,
                            "the weights give scores that are no numbers; sample from an earlier checkpoint"));
        }
        List<Request> done =
                rows.all().stream()
                        .map(Rows.Row::request)
                        .distinct()
                        .filter(Request::endsTurn)
                        .toList();
        rows.remove(row -> row.continuation().isDone(), false);
        for (Request request : done) {
            if (request.isDone()) {
                finish(request, request.result());
            } else {
                waiting.addFirst(request);
            }
        }
    }

    private void fail(Rows rows, List<Request> failed, Outcome outcome) {
        rows.remove(row -> failed.contains(row.request()), true);
        failed.forEach(request -> finish(request, outcome));
    }

    private void finish(Request request, Outcome outcome) {
        request.release();
        finished.add(new Decoded(request.ticket(), outcome));
    }

    /// The tickets of those in line.
    public List<Long> waiting() {
        return waiting.stream().map(Request::ticket).toList();
    }

    /// Drops a sample; nothing comes back for it.
    public void abandon(long ticket) {
        waiting.stream()
                .filter(request -> request.ticket() == ticket)
                .findFirst()
                .ifPresent(request -> {
                    waiting.remove(request);
                    request.release();
                });
        for (Rows rows : decoding.values()) {
            rows.all().stream()
                    .map(Rows.Row::request)
                    .filter(request -> request.ticket() == ticket)
                    .findFirst()
                    .ifPresent(request -> {
                        rows.remove(row -> row.request() == request, false);
                        request.release();
                    });
        }
    }

    @Override
    public void close() {
        waiting.forEach(request -> request.release());
        waiting.clear();
        decoding.values().forEach(Rows::close);
        decoding.clear();
    }
}
