package dev.tinsmith.conformance.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// All that the classes of the client offer in public, in the newest version and in older ones.
@EnabledIfSystemProperty(named = "conformance.all", matches = "true")
class SurfaceTest {
    @RegisterExtension static final Stage STAGE = Stage.tiny("surface");

    @Test
    void everyMethodOfTheClientComesToAGoodEnd() {
        assertComplete(STAGE.play("everything"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0.9.0", "0.16.1", "0.20.0", "0.25.0", "0.31.0"})
    void everyMethodOfAnOlderClientDoesButForItsOwnFaults(String version) {
        Verdict verdict = STAGE.play("everything", version);
        assertThat(verdict.text("version")).isEqualTo(version);
        assertComplete(verdict);
    }

    /// @param verdict its `mended` are those that do well although the scenario says they cannot
    private static void assertComplete(Verdict verdict) {
        assertThat(verdict.texts("failures")).isEmpty();
        assertThat(verdict.texts("left")).isEmpty();
        assertThat(verdict.texts("mended")).isEmpty();
    }
}
