package dev.tinsmith.conformance.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Clients of several ages, unmodified, side by side on one server. Those before 0.20 know no
/// protobuf.
class ClientVersionsTest {
    private static final List<String> FACTS =
            List.of("path", "losses", "tokens", "logprobs", "prompt", "likeliest", "scores");

    @RegisterExtension static final Stage STAGE = Stage.tiny("versions");

    @ParameterizedTest
    @ValueSource(strings = {"0.9.0", "0.16.1", "0.20.0", "0.25.0", "0.31.0"})
    void anOlderClientLearnsWhatTheNewestLearns(String version) {
        JsonNode newest = STAGE.play("learns").facts();
        JsonNode older = STAGE.play("learns", version).facts();

        assertThat(older.get("version").asString()).isEqualTo(version);
        for (String fact : FACTS) {
            assertThat(older.get(fact)).as(fact).isEqualTo(newest.get(fact));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.9.0", "0.31.0"})
    void anOlderClientFetchesAnAdapterInAnArchive(String version) {
        assertThat(STAGE.play("fetches_an_archive", version).texts("names"))
                .containsExactly(
                        "adapter_config.json",
                        "adapter_model.safetensors",
                        "checkpoint_complete",
                        "adapter_config.json",
                        "adapter_model.safetensors",
                        "checkpoint_complete");
        assertThat(STAGE.play("reads_the_archives").numbers("apart"))
                .hasSize(2)
                .allMatch(apart -> apart < Tolerances.LOGPROB);
    }
}
