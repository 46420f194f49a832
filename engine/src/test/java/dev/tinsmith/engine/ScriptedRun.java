package dev.tinsmith.engine;

import dev.tinsmith.engine.format.RunState;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A run of a [ScriptedEngine]: two numbers, what it is and what it has accumulated.
final class ScriptedRun {
    private final String base;
    private final LoraSpec lora;
    private long mark;
    private long gradient;
    private int steps;

    ScriptedRun(String base, LoraSpec lora) {
        this(base, lora, mixed(base.hashCode(), lora.hashCode()), 0);
    }

    ScriptedRun(String base, LoraSpec lora, long mark, int steps) {
        this.base = base;
        this.lora = lora;
        this.mark = mark;
        this.steps = steps;
    }

    /// Writes all of it, the numbers 16 bits a place.
    void keep(Path into) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment row = arena.allocate(ValueLayout.JAVA_FLOAT, 8);
            for (int i = 0; i < 4; i++) {
                row.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) ((mark >>> (16 * i)) & 0xffff));
                row.setAtIndex(
                        ValueLayout.JAVA_FLOAT, 4 + i, (float) ((gradient >>> (16 * i)) & 0xffff));
            }
            RunState.write(
                    into,
                    new RunState.Header(base, lora, steps, "none"),
                    new TreeMap<>(Map.of("values", row)));
        }
    }

    static ScriptedRun kept(Path from) {
        try (RunState state = RunState.open(from)) {
            RunState.Header header = state.header();
            float[] row = state.row("values", 8).orElseThrow();
            ScriptedRun run = new ScriptedRun(header.base(), header.lora(), 0, (int) header.step());
            for (int i = 0; i < 4; i++) {
                run.mark |= (long) row[i] << (16 * i);
                run.gradient |= (long) row[4 + i] << (16 * i);
            }
            return run;
        }
    }

    String base() {
        return base;
    }

    LoraSpec lora() {
        return lora;
    }

    long mark() {
        return mark;
    }

    int steps() {
        return steps;
    }

    Outcome passed(Batch batch) {
        List<Floats> logprobs = new ArrayList<>();
        double loss = 0;
        for (Batch.Datum datum : batch.data()) {
            float[] row = new float[datum.targets().length()];
            for (int i = 0; i < row.length; i++) {
                row[i] = logprob(mark, datum.targets().at(i), i) / (1 + 0.1f * steps);
                loss -= row[i] * weight(datum, i);
            }
            logprobs.add(Floats.of(row));
        }
        return new Outcome.Passed(logprobs, new TreeMap<>(Map.of("loss:sum", loss)));
    }

    private static double weight(Batch.Datum datum, int cell) {
        return datum.input("weights")
                .map(weights ->
                        weights.length() == datum.targets().length()
                                ? weights.at(cell)
                                : weights.at(cell / datum.width()))
                .orElse(1f);
    }

    void accumulate(Batch batch) {
        gradient = mixed(gradient, batch.hashCode());
    }

    Outcome step(AdamStep adam) {
        double norm = gradient == 0 ? 0 : 1 + (gradient & 0xff) / 256.0;
        mark = mixed(mark, mixed(gradient, Double.hashCode(adam.learningRate())));
        gradient = 0;
        steps++;
        return new Outcome.Stepped(norm);
    }

    /// Between −1.5 and −0.5.
    static float logprob(long mark, int token, int position) {
        return -0.5f - (mixed(mixed(mark, token), position) & 0xffff) / 65536f;
    }

    /// Depends on the order of its arguments.
    static long mixed(long one, long other) {
        long mixed = (one * 0x9E3779B97F4A7C15L + other) ^ (one >>> 29);
        mixed *= 0xBF58476D1CE4E5B9L;
        return mixed ^ (mixed >>> 32);
    }
}
