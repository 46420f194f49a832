package dev.tinsmith.protocol;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/// A run learns.
public final class Training {
    private Training() {}

    /// Which operation of which run a request is, read even where the rest of it is wrong, so that
    /// the run can go on without it.
    @JsonIgnoreProperties(ignoreUnknown = true)
    public record Address(String modelId, long seqId) {}

    /// Computes a loss, and unless `forwardOnly` adds its gradient. Travels as protobuf.
    public record ForwardBackward(
            String modelId,
            long seqId,
            List<Datum> data,
            String lossFn,
            SortedMap<String, Setting> lossFnConfig,
            boolean forwardOnly) {
        public ForwardBackward {
            data = List.copyOf(data);
            lossFnConfig = Collections.unmodifiableSortedMap(new TreeMap<>(lossFnConfig));
        }
    }

    /// A setting of a loss.
    public sealed interface Setting {

        /// Most are numbers.
        record Amount(double value) implements Setting {}

        /// A few are words.
        record Text(String value) implements Setting {}
    }

    /// Applies the gradient.
    ///
    /// @param optimizerParams what optimizers other than Adam take
    @Envelope
    public record OptimStep(
            String modelId,
            long seqId,
            Optional<AdamParams> adamParams,
            Optional<Map<String, JsonNode>> optimizerParams) {}

    /// The settings of one AdamW step. An unknown key is refused.
    ///
    /// @param learningRate must be there: every client sends it, and a rate that is not a number
    ///   arrives as null, which must not become a default
    public record AdamParams(
            double learningRate,
            Optional<Double> beta1,
            Optional<Double> beta2,
            Optional<Double> eps,
            Optional<Double> weightDecay,
            Optional<Double> gradClipNorm) {
        /// Every default.
        public static final AdamParams DEFAULT =
                new AdamParams(
                        1e-4,
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty(),
                        Optional.empty());
    }

    /// The optimizer took a step.
    public record Stepped(SortedMap<String, Double> metrics) {}
}
