package dev.tinsmith.engine.loss;

import java.util.SortedMap;
import java.util.TreeMap;

/// The metrics of a pass, added up from what its losses say of each datum. Used by one thread.
public final class Tally {
    private static final String MEAN = ":mean";

    private final SortedMap<String, Double> sums = new TreeMap<>();
    private double loss;
    private int data;

    /// Counts one datum.
    public void add(LossFunction.Evaluation evaluation) {
        loss += evaluation.loss();
        data++;
        evaluation.metrics().forEach((name, value) -> sums.merge(name, value, Double::sum));
    }

    /// By `name:reduction`, as the client puts parts of a pass together; always holds `loss:sum`.
    public SortedMap<String, Double> metrics() {
        SortedMap<String, Double> metrics = new TreeMap<>(sums);
        metrics.replaceAll((name, sum) -> name.endsWith(MEAN) ? sum / data : sum);
        metrics.put("loss:sum", loss);
        return metrics;
    }
}
