package dev.tinsmith.conformance.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// What was trained is the user's: peft and transformers read it as the server does.
class AdaptersTest {
    @RegisterExtension static final Stage STAGE = Stage.tiny("adapters");

    @Test
    void peftReadsAnAdapterOfEveryBaseAsItIs() {
        Verdict verdict = STAGE.play("adapters_of_every_base");
        assertThat(verdict.texts("models")).hasSize(6);
        assertThat(verdict.numbers("direct")).allMatch(apart -> apart < Tolerances.LOGPROB);
        assertThat(verdict.numbers("built")).allMatch(apart -> apart < Tolerances.LOGPROB);
        assertThat(verdict.numbers("moved")).allMatch(moved -> moved > 0.1);
    }

    @Test
    void theCookbookMergesAnAdapterIntoItsBase() {
        Verdict verdict = STAGE.play("models_merged_by_the_cookbook");
        assertThat(verdict.numbers("apart"))
                .hasSize(4)
                .allMatch(apart -> apart < Tolerances.LOGPROB);
        assertThat(verdict.numbers("moved")).allMatch(moved -> moved > 0.1);
    }

    @Test
    void theCookbookMergesAnUnembeddingWhereItIsAMatrixOfItsOwn() {
        Verdict verdict = STAGE.play("unembeddings_merged");
        assertThat(verdict.number("apart")).isLessThan(Tolerances.LOGPROB);
        assertThat(verdict.text("refused")).contains("lm_head");
    }

    @Test
    void anAdapterHoldsOnlyWhatWasToBeTrained() {
        Verdict verdict = STAGE.play("only_what_was_asked_for_is_adapted");
        assertThat(verdict.texts("attn")).containsExactly("k_proj", "o_proj", "q_proj", "v_proj");
        assertThat(verdict.texts("mlp")).containsExactly("down_proj", "gate_proj", "up_proj");
        assertThat(verdict.texts("unembed")).containsExactly("lm_head");
        assertThat(verdict.texts("keys")).contains("r", "lora_alpha").doesNotContain("tinsmith");
    }

    @Test
    void aCheckpointIsExportedWhileNoServerRunsAndIsThereAfterwards() {
        Verdict left = STAGE.play("left_for_export");
        STAGE.withServerStopped(() -> export(left));
        Verdict exports = STAGE.play("exports_agree");
        assertThat(exports.numbers("peft"))
                .hasSize(2)
                .allMatch(apart -> apart < Tolerances.LOGPROB);
        assertThat(exports.numbers("merged").getFirst()).isLessThan(Tolerances.LOGPROB);
        assertThat(exports.numbers("merged").getLast()).isLessThan(Tolerances.ROUNDED_LOGPROB);
        assertThat(exports.texts("tinker")).contains("optimizer.safetensors");
        assertThat(exports.is("as_it_is")).isTrue();
        Verdict resumed = STAGE.play("found_after_the_restart");
        assertThat(resumed.numbers("again")).isEqualTo(resumed.numbers("onwards"));
    }

    private static void export(Verdict left) {
        List<String> models = left.texts("models");
        for (int i = 0; i < models.size(); i++) {
            String path = left.texts("for_sampler").get(i);
            STAGE.export(path, "peft", "peft-" + models.get(i));
            STAGE.export(path, "merged", "merged-" + models.get(i));
        }
        STAGE.export(left.texts("saved").getFirst(), "tinker", "tinker");
    }
}
