package dev.tinsmith.conformance.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A real model, if this machine has its file, in the type that this machine computes it in.
@EnabledIf("dev.tinsmith.conformance.client.SmolLm2Test#isHere")
class SmolLm2Test {
    @RegisterExtension
    static final Stage STAGE =
            Stage.of(
                    "smollm2",
                    "HuggingFaceTB/SmolLM2-135M-Instruct",
                    Checkout.smolLm2().orElse(Path.of("SmolLM2 is not on this machine")));

    static boolean isHere() {
        return Checkout.smolLm2().isPresent();
    }

    @Test
    void aRealModelLearnsAndItsAdapterIsReadElsewhere() {
        Verdict learned = STAGE.play("learned");
        assertThat(learned.number("last")).isLessThan(learned.number("first") / 2);
        STAGE.withServerStopped(() -> {
            STAGE.export(learned.text("for_sampler"), "peft", "peft");
            STAGE.export(learned.text("saved"), "merged", "merged");
        });
        Verdict exports = STAGE.play("exports_agree");
        IO.println(
                "SmolLM2, loss per token %.3f → %.3f; mean |Δ log-prob| of %.0f tokens, server against transformers in fp32:"
                        .formatted(
                                learned.number("first"),
                                learned.number("last"),
                                exports.number("tokens")));
        for (String form : new String[] {"adapter", "built", "peft", "merged"}) {
            IO.println("  %-8s %.5f".formatted(form, exports.number(form)));
            assertThat(exports.number(form)).isLessThan(Tolerances.MEAN_LOGPROB);
        }
        assertThat(exports.number("moved")).isGreaterThan(10 * Tolerances.MEAN_LOGPROB);
    }
}
