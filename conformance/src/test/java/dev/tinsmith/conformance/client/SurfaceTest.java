package dev.tinsmith.conformance.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.RegisterExtension;

/// All that the client's classes offer in public.
@EnabledIfSystemProperty(named = "conformance.all", matches = "true")
class SurfaceTest {
    @RegisterExtension static final Stage STAGE = Stage.tiny("surface");

    @Test
    void everyMethodOfTheClientComesToAGoodEnd() {
        Verdict verdict = STAGE.play("everything");
        assertThat(verdict.texts("failures")).isEmpty();
        assertThat(verdict.texts("left")).isEmpty();
    }
}
