package dev.tinsmith.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class TinkerPathTest {
    @ParameterizedTest
    @EnumSource
    void aPathIsReadAsItIsWritten(TinkerPath.Kind kind) {
        TinkerPath path = new TinkerPath("6d1f-a:train:0", kind, "step_000020.v2");

        assertThat(TinkerPath.parse(path.toString())).isEqualTo(path);
    }

    @Test
    void thePartsStandWhereClientsLookForThem() {
        TinkerPath path = TinkerPath.parse("tinker://s:train:3/sampler_weights/final");

        assertThat(path.run()).isEqualTo("s:train:3");
        assertThat(path.checkpointId()).isEqualTo("sampler_weights/final");
        assertThat(path.kind().type()).isEqualTo("sampler");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "weights/x",
                "tinker://",
                "tinker://run/weights",
                "tinker://run/weights/a/b",
                "tinker://run//x",
                "tinker:///weights/x",
                "tinker://run/weights/",
                "tinker://run/weights/..",
                "tinker://../weights/x",
                "tinker://run/weights/x y",
                "tinker://run/weights/x%2e",
                "tinker://run/weights/ü",
                "tinker://run/Weights/x",
                "http://run/weights/x"
            })
    void whatIsNoPathIsRefused(String text) {
        assertThatIllegalArgumentException().isThrownBy(() -> TinkerPath.parse(text));
    }

    @Test
    void theRefusalOfAKindNamesThoseThereAre() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TinkerPath.parse("tinker://run/models/x"))
                .withMessage(
                        "'models' is no kind of checkpoint; there are [weights, sampler_weights, external_weights]");
    }

    @Test
    void theRefusalOfANameSaysTheRule() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TinkerPath("run", TinkerPath.Kind.WEIGHTS, "a/b"))
                .withMessageStartingWith("'a/b' cannot name a checkpoint; use 1 to 128 letters");
    }
}
