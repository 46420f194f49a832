package dev.tinsmith.conformance.client;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A model of each family beside Llama: what is trained on it, transformers and peft read as the
/// server does.
class FamiliesTest {
    @RegisterExtension static final Stage STAGE = Stage.families("families");

    @Test
    void peftReadsAnAdapterOfEveryFamilyAndGoesOnAsTheServerDoes() {
        Verdict verdict = STAGE.play("adapters_of_every_family");
        assertThat(verdict.texts("models")).containsExactlyElementsOf(Stage.FAMILIES);
        assertThat(verdict.numbers("direct")).allMatch(apart -> apart < Tolerances.LOGPROB);
        assertThat(verdict.numbers("built")).allMatch(apart -> apart < Tolerances.LOGPROB);
        assertThat(verdict.numbers("moved")).allMatch(moved -> moved > 0.1);
        assertThat(verdict.texts("greedy")).containsOnly("True");
    }

    @Test
    void theCookbookMergesAnAdapterIntoEveryFamily() {
        Verdict verdict = STAGE.play("families_merged_by_the_cookbook");
        assertThat(verdict.numbers("apart"))
                .hasSameSizeAs(Stage.FAMILIES)
                .allMatch(apart -> apart < Tolerances.LOGPROB);
        assertThat(verdict.numbers("moved")).allMatch(moved -> moved > 0.1);
    }
}
