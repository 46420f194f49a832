package dev.tinsmith.engine.loss;

import dev.tinsmith.engine.Batch;
import dev.tinsmith.engine.Floats;
import dev.tinsmith.engine.graph.LossGraph;
import dev.tinsmith.engine.graph.Program;
import dev.tinsmith.engine.operators.Operators;
import dev.tinsmith.engine.tensor.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// A loss of a client's own, computed datum by datum from the graph it was traced into.
record Custom(Program program) implements LossFunction {
    private static final String TARGETS = "target_tokens";

    /// @throws IllegalArgumentException if the graph asks for what is not known here
    static Custom of(LossGraph graph) {
        return new Custom(Program.of(graph, Operators.ALL));
    }

    /// Inputs that the loss does not read may be there: the client sends all of them.
    @Override
    public void check(Batch.Datum datum) {
        LossGraph.Input first = program.inputs().getFirst();
        check(TARGETS, first.rank(), datum);
        program.inputs().stream()
                .skip(1)
                .forEach(input -> check(input.name(), input.rank(), datum));
    }

    private static void check(String name, int rank, Batch.Datum datum) {
        Table table =
                Optional.ofNullable(datum.tables().get(name))
                        .orElseThrow(() ->
                                new IllegalArgumentException(
                                        "loss_fn_inputs['%s'] is missing; the loss takes it"
                                                .formatted(name)));
        boolean single = rank == 0 && table.length() == 1;
        if (table.shape().size() != rank && !single) {
            throw new IllegalArgumentException(
                    "loss_fn_inputs['%s'] has the shape %s; the loss was created for the rank %d"
                            .formatted(name, table.shape(), rank));
        }
    }

    @Override
    public Evaluation evaluate(Batch.Datum datum, Floats logprobs) {
        SortedMap<String, Table> inputs = new TreeMap<>(datum.tables());
        LossGraph.Input first = program.inputs().getFirst();
        inputs.put(first.name(), table(logprobs, first.rank(), datum.width()));
        Program.Said said = program.run(inputs);
        return new Evaluation(said.loss(), floats(said.gradient()), said.metrics());
    }

    private static Floats floats(Table values) {
        float[] copied = new float[values.length()];
        for (int i = 0; i < copied.length; i++) {
            copied[i] = (float) values.at(i);
        }
        return Floats.of(copied);
    }

    private static Table table(Floats values, int rank, int width) {
        double[] copied = new double[values.length()];
        for (int i = 0; i < copied.length; i++) {
            copied[i] = values.at(i);
        }
        List<Integer> shape = new ArrayList<>(List.of(copied.length / width));
        if (rank == 2) {
            shape.add(width);
        }
        return Table.of(false, shape, copied);
    }
}
