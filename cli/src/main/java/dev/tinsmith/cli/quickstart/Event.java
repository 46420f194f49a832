package dev.tinsmith.cli.quickstart;

import dev.tinsmith.cli.terminal.Refusal;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What `examples/quickstart.py` says while it works, a JSON object a line.
sealed interface Event {

    /// One optimizer step is done.
    ///
    /// @param loss mean over the tokens that count
    /// @param tokens all tokens of the step, as they are billed
    /// @param seconds since the training began
    record Step(int step, int of, double loss, long tokens, double seconds) implements Event {}

    /// The model answered.
    ///
    /// @param when `before` or `after` the training
    record Answer(String when, String question, String answer) implements Event {}

    /// A checkpoint that a run can be resumed from.
    record Saved(String path) implements Event {}

    /// Anything else, for the log.
    record Remark(String line) implements Event {}

    /// Reads one line of the program.
    ///
    /// @throws Refusal if it is JSON of an event but lacks one of its parts
    static Event parse(String line) {
        if (!line.startsWith("{\"event\"")) {
            return new Remark(line);
        }
        try {
            JsonNode event = JsonMapper.shared().readTree(line);
            return switch (event.required("event").asString()) {
                case "step" ->
                        new Step(
                                event.required("step").asInt(),
                                event.required("of").asInt(),
                                event.required("loss").asDouble(),
                                event.required("tokens").asLong(),
                                event.required("seconds").asDouble());
                case "sample" ->
                        new Answer(
                                event.required("when").asString(),
                                event.required("question").asString(),
                                event.required("answer").asString());
                case "saved" -> new Saved(event.required("path").asString());
                default -> new Remark(line);
            };
        } catch (JacksonException | IllegalArgumentException broken) {
            throw new Refusal("the training program said '%s', which is no event".formatted(line));
        }
    }
}
