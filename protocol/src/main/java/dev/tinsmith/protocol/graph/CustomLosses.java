package dev.tinsmith.protocol.graph;

import dev.tinsmith.protocol.Envelope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;

/// Losses that clients write themselves.
public final class CustomLosses {
    private CustomLosses() {}

    /// Keeps a loss for a session.
    ///
    /// @param customLossSeqId counted from 0 by the client, so that a request that comes twice is
    ///   known
    /// @param inputs what the graph reads, log-probabilities first
    @Envelope
    public record Create(
            String sessionId, long customLossSeqId, String name, List<Input> inputs, Graph graph) {
        public Create {
            inputs = List.copyOf(inputs);
        }
    }

    /// One input.
    ///
    /// @param rank how many dimensions it has
    public record Input(String name, int rank) {}

    /// The operations of torch.fx, in the order in which they are done.
    public record Graph(int format, List<Node> nodes) {
        public Graph {
            nodes = List.copyOf(nodes);
        }
    }

    /// One operation.
    ///
    /// @param args a list, each element as [Argument] reads it
    /// @param kwargs an object of such
    public record Node(
            String op,
            String name,
            String target,
            Optional<JsonNode> args,
            Optional<JsonNode> kwargs) {

        /// The positional arguments.
        ///
        /// @throws IllegalArgumentException if one cannot be read
        public List<Argument> positional() {
            List<Argument> read = new ArrayList<>();
            args.ifPresent(list -> {
                if (!list.isArray()) {
                    throw new IllegalArgumentException("args must be a list");
                }
                list.forEach(each -> read.add(Argument.of(each)));
            });
            return read;
        }

        /// The arguments by name.
        ///
        /// @throws IllegalArgumentException if one cannot be read
        public SortedMap<String, Argument> named() {
            SortedMap<String, Argument> read = new TreeMap<>();
            kwargs.ifPresent(object -> {
                if (!object.isObject()) {
                    throw new IllegalArgumentException("kwargs must be an object");
                }
                for (Map.Entry<String, JsonNode> each : object.properties()) {
                    read.put(each.getKey(), Argument.of(each.getValue()));
                }
            });
            return read;
        }
    }

    /// The loss is kept.
    public record Created(String lossId, String type) {
        public Created(String lossId) {
            this(lossId, "create_custom_loss");
        }
    }
}
