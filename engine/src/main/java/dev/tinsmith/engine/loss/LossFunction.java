package dev.tinsmith.engine.loss;

import dev.tinsmith.engine.Batch;
import dev.tinsmith.engine.Floats;
import java.util.Collections;
import java.util.SortedMap;

/// A loss as a function of log-probabilities, which is all that a loss ever sees of a model. So it
/// needs no tensor: the engine hands in the log-probabilities of a datum's targets and gets back
/// the loss and its derivative by each of them, which it then carries into the model.
///
/// Losses are sums over tokens and datums, never means. Implementations are immutable and may be
/// used by any thread.
public interface LossFunction {

    /// The loss of one datum.
    ///
    /// @param datum already accepted by [Losses#check]
    /// @param logprobs N × K, row-major: the model's log-probability of each of the datum's targets
    /// @throws IllegalArgumentException if a loss of the client's own cannot be computed of them
    Evaluation evaluate(Batch.Datum datum, Floats logprobs);

    /// Whether this loss can use the values of a datum that has all its inputs.
    ///
    /// @throws IllegalArgumentException in words that follow the datum's name
    default void check(Batch.Datum datum) {}

    /// What a loss says of one datum.
    ///
    /// @param loss its value, a sum over the datum's tokens
    /// @param gradient N × K: the derivative of `loss` by each log-probability
    /// @param metrics what else there is to tell, by `name:sum` or `name:mean` over the datums
    record Evaluation(double loss, Floats gradient, SortedMap<String, Double> metrics) {
        /// There is nothing else to tell.
        public Evaluation(double loss, Floats gradient) {
            this(loss, gradient, Collections.emptySortedMap());
        }
    }
}
