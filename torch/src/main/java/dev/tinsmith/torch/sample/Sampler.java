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
    private final List<Passage> begun = new ArrayList<>();
    private final PrefixCache cache;
    private final Map<Decoder, Rows> decoding = new LinkedHashMap<>();
    private final List<Decoded> finished = new ArrayList<>();
    private boolean lastWasPrefill;

    /// @param budget how many tokens of prompts go through at once
    /// @param cacheBytes how much of earlier prompts may stay
    /// @param explain what to tell a caller whose sample failed
    public Sampler(int budget, long cacheBytes, Function<Throwable, Outcome.Failed> explain) {
        this.budget = budget;
        this.cache = new PrefixCache(cacheBytes);
        this.explain = explain;
    }

    /// Frees what was kept of prompts of an adapter that nobody asks for any more.
    public void forget(Adaptation adaptation) {
        cache.forget(adaptation);
    }

    /// Puts a checked sample in line.
    ///
    /// @param release gives the adapter back; called once, when the sample is done
    public void admit(
            long ticket, Sample sample, Decoder decoder, Adaptation adaptation, Runnable release) {
        waiting.add(new Request(ticket, sample, decoder, adaptation, release));
    }

    /// One bounded slice: as many tokens of prompts as fit a budget, or a token for every row. They
    /// take turns, so that those who keep coming do not hold up those who are there.
    ///
    /// @return the samples that are finished
    public List<Decoded> decode() {
        boolean othersTurn = lastWasPrefill && !decoding.isEmpty();
        if (!othersTurn) {
            begin();
        }
        lastWasPrefill = !othersTurn && !begun.isEmpty();
        if (lastWasPrefill) {
            prefill();
        } else {
            decoding.forEach(this::step);
        }
        decoding.values().removeIf(Rows::isEmpty);
        List<Decoded> results = List.copyOf(finished);
        finished.clear();
        return results;
    }

    /// Begins with the prompts at the head of the line, as long as what is left of those that have
    /// begun does not fill the budget: of one base and adapter, and with room among the rows.
    private void begin() {
        int tokens = begun.stream().mapToInt(Passage::left).sum();
        while (tokens < budget && !waiting.isEmpty()) {
            Request next = waiting.element();
            int rows = rows(next.decoder()).count() + reserved();
            if (!goesWithThose(next) || rows + next.turn().size() > MAX_ROWS) {
                break;
            }
            begin(twins(next, MAX_ROWS - rows));
            tokens = begun.stream().mapToInt(Passage::left).sum();
        }
    }

    private void begin(List<Request> twins) {
        try {
            begun.add(new Passage(twins, cache));
        } catch (RuntimeException | OutOfMemoryError failure) {
            fail(rows(twins.getFirst().decoder()), twins, explain.apply(failure));
        }
    }

    private boolean goesWithThose(Request next) {
        return begun.stream()
                .allMatch(passage -> passage.requests().getFirst().isOfSameWeightsAs(next));
    }

    private int reserved() {
        return begun.stream().mapToInt(Passage::rows).sum();
    }

    /// Takes `next` out of the line, and whoever comes with the same prompt.
    private List<Request> twins(Request next, int room) {
        List<Request> twins = new ArrayList<>();
        int rows = 0;
        for (Request request : waiting) {
            if (request.isTwinOf(next) && rows + request.turn().size() <= room) {
                twins.add(request);
                rows += request.turn().size();
            }
        }
        waiting.removeAll(twins);
        return twins;
    }

    private Rows rows(Decoder decoder) {
        return decoding.computeIfAbsent(decoder, Rows::new);
    }

    private void prefill() {
        Decoder decoder = begun.getFirst().model().decoder();
        Rows rows = rows(decoder);
        try {
            List<Request> broken = new Step(decoder, rows, cache).prefill(begun, budget);
            List<Passage> through = begun.stream().filter(Passage::isThrough).toList();
            leave(through);
            settle(
                    rows,
                    through.stream().flatMap(each -> each.requests().stream()).toList(),
                    broken);
        } catch (RuntimeException | OutOfMemoryError failure) {
            List<Request> all =
                    begun.stream().flatMap(passage -> passage.requests().stream()).toList();
            leave(List.copyOf(begun));
            fail(rows, all, explain.apply(failure));
        }
    }

    private void leave(List<Passage> passages) {
        passages.forEach(Passage::close);
        begun.removeAll(passages);
    }

    private void step(Decoder decoder, Rows rows) {
        if (rows.isEmpty()) {
            return;
        }
        List<Request> all = rows.all().stream().map(Rows.Row::request).distinct().toList();
        try {
            settle(rows, all, new Step(decoder, rows, cache).next());
        } catch (RuntimeException | OutOfMemoryError failure) {
            fail(rows, all, explain.apply(failure));
        }
    }

    /// Takes out whoever of `advanced` is done or cannot go on.
    private void settle(Rows rows, List<Request> advanced, List<Request> broken) {
        if (!broken.isEmpty()) {
            fail(
                    rows,
                    broken,
                    new Outcome.Failed(
                            Fault.USER,
                            "the weights give scores that are no numbers; sample from an earlier checkpoint"));
        }
        List<Request> done =
                advanced.stream()
                        .filter(request -> !broken.contains(request) && request.endsTurn())
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
        for (Passage passage : List.copyOf(begun)) {
            passage.requests().stream()
                    .filter(request -> request.ticket() == ticket)
                    .findFirst()
                    .ifPresent(request -> {
                        passage.requests().remove(request);
                        request.release();
                        if (passage.requests().isEmpty()) {
                            leave(List.of(passage));
                        }
                    });
        }
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
        begun.forEach(passage -> passage.requests().forEach(Request::release));
        leave(List.copyOf(begun));
        cache.close();
        decoding.values().forEach(Rows::close);
        decoding.clear();
    }
}
