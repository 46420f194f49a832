package dev.tinsmith.torch;

import dev.tinsmith.engine.Batch;
import dev.tinsmith.engine.EngineException;
import dev.tinsmith.engine.Fault;
import dev.tinsmith.engine.Sample;
import dev.tinsmith.engine.Tokens;
import dev.tinsmith.torch.model.DecoderSpec;
import java.util.Arrays;
import java.util.List;

/// What a request must keep to on a given base.
record Checks(DecoderSpec spec) {

    void batch(Batch batch) {
        List<Batch.Datum> data = batch.data();
        for (int index = 0; index < data.size(); index++) {
            Batch.Datum datum = data.get(index);
            String name = "data[%d]".formatted(index);
            length(name + ".model_input", datum.tokens());
            tokens(name + ".model_input", datum.tokens());
            tokens(name + ".loss_fn_inputs['target_tokens']", datum.targets());
        }
    }

    void sample(Sample sample) {
        length("prompt", sample.prompt());
        tokens("prompt", sample.prompt());
        top("topk_prompt_logprobs", sample.score().topK());
        top("topk_sample_logprobs", sample.topSampled());
        List<Tokens> targets = sample.score().targets();
        for (int row = 0; row < targets.size(); row++) {
            targets("target_prompt_logprobs[%d]".formatted(row), targets.get(row));
        }
    }

    private void length(String name, Tokens tokens) {
        if (tokens.length() > spec.context()) {
            throw refusal(
                    "%s has %d tokens; this model takes at most %d"
                            .formatted(name, tokens.length(), spec.context()));
        }
    }

    private void tokens(String name, Tokens tokens) {
        for (int position = 0; position < tokens.length(); position++) {
            int id = tokens.at(position);
            if (id < 0 || id >= spec.vocabulary()) {
                throw refusal(
                        "%s has token %d at position %d; this model's tokens are 0 to %d"
                                .formatted(name, id, position, spec.vocabulary() - 1));
            }
        }
    }

    private void targets(String name, Tokens cells) {
        int[] named =
                Arrays.stream(cells.toArray())
                        .filter(id -> id != Sample.PromptScore.NO_TARGET)
                        .toArray();
        tokens(name, Tokens.of(named));
    }

    private void top(String name, int count) {
        if (count > spec.vocabulary()) {
            throw refusal(
                    "%s is %d; this model has %d tokens".formatted(name, count, spec.vocabulary()));
        }
    }

    private static EngineException refusal(String reason) {
        return new EngineException(Fault.USER, reason);
    }
}
