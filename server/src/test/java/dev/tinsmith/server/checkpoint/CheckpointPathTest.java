package dev.tinsmith.server.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinsmith.engine.RunId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointPathTest {
    private static final RunId RUN = new RunId("6d1f:train:0");

    @ParameterizedTest
    @EnumSource(CheckpointKind.class)
    void whatItPrintsItReads(CheckpointKind kind) {
        CheckpointPath path = new CheckpointPath(RUN, kind, "step-000020_a.b");

        assertThat(path)
                .hasToString("tinker://6d1f:train:0/" + kind.segment() + "/step-000020_a.b");
        assertThat(CheckpointPath.parse(path.toString())).isEqualTo(path);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "tinker://",
                "tinker:/",
                "tinker://r/weights",
                "tinker://r/weights/a/b",
                "tinker:///weights/a",
                "tinker:// /weights/a",
                "http://r/weights/a",
                "r/weights/a"
            })
    void anythingElseIsRefusedWithTheRule(String text) {
        assertThatThrownBy(() -> CheckpointPath.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(
                        "'%s' is no checkpoint path; it must be tinker://<run>/<kind>/<name>",
                        text);
    }

    @Test
    void anUnknownKindIsRefusedWithTheKnownOnes() {
        assertThatThrownBy(() -> CheckpointPath.parse("tinker://r/wieghts/a"))
                .hasMessageContaining("'wieghts'")
                .hasMessageContaining("weights, sampler_weights or external_weights");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", ".hidden", "a b", "a/b", "a\\b", "ä", "a\n", "a:b"})
    void aNameThatIsNoPlainWordIsRefused(String name) {
        assertThatThrownBy(() -> new CheckpointPath(RUN, CheckpointKind.WEIGHTS, name))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a checkpoint cannot be called '%s'", name);
    }

    @Test
    void aNameOfMoreThan128LettersIsRefused() {
        String longest = "x".repeat(128);

        assertThat(new CheckpointPath(RUN, CheckpointKind.WEIGHTS, longest).name())
                .isEqualTo(longest);
        assertThatThrownBy(() -> new CheckpointPath(RUN, CheckpointKind.WEIGHTS, longest + "x"))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
