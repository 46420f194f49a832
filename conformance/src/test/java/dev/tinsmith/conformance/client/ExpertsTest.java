package dev.tinsmith.conformance.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Mixtures of experts: what is trained on them, transformers, peft and the cookbook read as the
/// server does.
class ExpertsTest {
    @RegisterExtension static final Stage STAGE = Stage.experts("experts");

    @Test
    void theFactorsOfExpertsAreReadByOthersAsTheServerReadsThem() {
        Verdict left = STAGE.play("trained_and_left");
        assertThat(left.texts("mixed")).containsOnly("True");
        for (int i = 0; i < Stage.EXPERTS.size(); i++) {
            String name = left.texts("models").get(i);
            STAGE.export(left.texts("saved").get(i), "peft", "peft-" + name);
            STAGE.export(left.texts("saved").get(i), "merged", "merged-" + name);
        }

        Verdict read = STAGE.play("read_by_others");
        assertThat(read.numbers("peft"))
                .hasSameSizeAs(Stage.EXPERTS)
                .allMatch(apart -> apart < Tolerances.LOGPROB);
        assertThat(read.numbers("merged")).allMatch(apart -> apart < Tolerances.LOGPROB);
        assertThat(read.numbers("cookbook"))
                .hasSize(2)
                .allMatch(apart -> apart < Tolerances.LOGPROB);
        assertThat(read.numbers("moved")).allMatch(moved -> moved > 0.1);
        assertThat(read.texts("greedy")).containsOnly("True");
    }
}
