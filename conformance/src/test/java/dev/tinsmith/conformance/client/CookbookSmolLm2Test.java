package dev.tinsmith.conformance.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Recipes of the cookbook on a real model, if this machine has its file and all is asked for; in
/// fp32. Trainer and sampler agree to the bit.
@EnabledIf("dev.tinsmith.conformance.client.CookbookSmolLm2Test#isAskedFor")
class CookbookSmolLm2Test {
    @RegisterExtension
    static final Stage STAGE =
            Stage.named(
                    "cookbook_smollm2",
                    Checkout.smolLm2().orElse(Path.of("SmolLM2 is not on this machine")),
                    List.of("HuggingFaceTB/SmolLM2-135M-Instruct", "Qwen/Qwen3.6-35B-A3B"));

    static boolean isAskedFor() {
        return Boolean.getBoolean("conformance.all") && Checkout.smolLm2().isPresent();
    }

    @Test
    void rewardRisesAndTheTrainerAgreesWithTheSampler() {
        Verdict verdict = STAGE.play("learns", Duration.ofMinutes(31));
        IO.println(
                "rewards %s, KL %s".formatted(verdict.numbers("rewards"), verdict.numbers("kl")));
        assertThat(verdict.numbers("kl")).isNotEmpty().containsOnly(0.0);
    }

    @Test
    void aModelMakesTheDataForAnother() {
        STAGE.play("makes_data", Duration.ofMinutes(16));
    }
}
