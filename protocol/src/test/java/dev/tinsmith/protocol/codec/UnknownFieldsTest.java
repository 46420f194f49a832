package dev.tinsmith.protocol.codec;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tinsmith.protocol.Futures;
import dev.tinsmith.protocol.Ints;
import dev.tinsmith.protocol.ModelInput;
import dev.tinsmith.protocol.Models;
import dev.tinsmith.protocol.Sampling;
import dev.tinsmith.protocol.Service;
import dev.tinsmith.protocol.Training;
import org.junit.jupiter.api.Test;

class UnknownFieldsTest {
    private static <T> T read(Class<T> type, String json) {
        return Json.read(json.replace('\'', '"').getBytes(UTF_8), type);
    }

    private static void assertRefused(Class<?> type, String json, String field) {
        assertThatExceptionOfType(MalformedException.class)
                .isThrownBy(() -> read(type, json))
                .withMessageContaining("%s is not a field this server knows", field);
    }

    @Test
    void whatANewerClientWritesOnTheEnvelopeIsLeftOut() {
        assertThat(read(Futures.Cancel.class, "{'request_id': 'a', 'reason': {'deep': [1]}}"))
                .isEqualTo(new Futures.Cancel("a"));
        assertThat(read(Service.Heartbeat.class, "{'mood': 1, 'session_id': 's'}"))
                .isEqualTo(new Service.Heartbeat("s"));
        assertThat(
                        read(
                                        Training.OptimStep.class,
                                        "{'model_id': 'm', 'seq_id': 1, 'priority': 3, 'type': 'optim_step'}")
                                .seqId())
                .isEqualTo(1);
    }

    @Test
    void whatDecidesAboutResultsIsRefusedByName() {
        assertRefused(
                Models.Create.class,
                "{'session_id': 's', 'model_seq_id': 0, 'base_model': 'm', 'lora_config': {'dropout': 0.1}}",
                "lora_config.dropout");
        assertRefused(
                Training.OptimStep.class,
                "{'model_id': 'm', 'seq_id': 1, 'adam_params': {'learning_rate': 1, 'nesterov': true}}",
                "adam_params.nesterov");
        assertRefused(Sampling.Params.class, "{'min_p': 0.1}", "min_p");
        assertRefused(
                PlainPass.Pass.class,
                "{'model_id': 'm', 'seq_id': 1, 'forward_input': {'data': [], 'loss_fn': 'x', 'mode': 1}}",
                "forward_input.mode");
        assertRefused(
                PlainPass.Pass.class,
                "{'model_id': 'm', 'seq_id': 1, 'forward_input': {'loss_fn': 'x', 'data': [{'model_input': {'chunks': []}, 'loss_fn_inputs': {}, 'weight': 2}]}}",
                "forward_input.data[0].weight");
    }

    @Test
    void aChunkThatDoesNotSayWhatItIsIsTextAsInOlderClients() {
        assertThat(read(ModelInput.class, "{'chunks': [{'tokens': [1, 2]}]}").chunks())
                .containsExactly(new ModelInput.EncodedText(Ints.of(1, 2)));
        assertThatExceptionOfType(MalformedException.class)
                .isThrownBy(() -> read(ModelInput.class, "{'chunks': [{'type': 'video'}]}"))
                .withMessageContaining("chunks[0].type is 'video'");
    }

    @Test
    void eachIsLoggedOnceAndNeverTooMany() {
        UnknownFields fields = new UnknownFields();

        assertThat(fields.isNew("Cancel", "reason")).isTrue();
        assertThat(fields.isNew("Cancel", "reason")).isFalse();
        assertThat(fields.isNew("Heartbeat", "reason")).isTrue();
        assertThat(fields.isNew("Cancel", "two words\nand a line")).isFalse();
        int logged = 0;
        for (int i = 0; i < 1000; i++) {
            logged += fields.isNew("Cancel", "x" + i) ? 1 : 0;
        }
        assertThat(logged).isEqualTo(254);
    }
}
