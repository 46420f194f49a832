package dev.tinsmith.conformance.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// The cookbook's trainer, its download, and the command line that comes with the client.
class RecipesTest {
    @RegisterExtension static final Stage STAGE = Stage.tiny("recipes");

    @Test
    void theCookbooksTrainerGoesOnWhereItWasCutOff() {
        Verdict verdict = STAGE.play("the_trainer_resumes");
        assertThat(verdict.numbers("steps")).containsExactly(4.0, 5.0, 6.0, 7.0, 8.0, 9.0);
        assertThat(verdict.numbers("after").getFirst())
                .as("it saves after a step and repeats it, so it knows the step's talks by then")
                .isLessThan(verdict.numbers("before").getLast());
        assertThat(verdict.numbers("after").getLast())
                .isLessThan(verdict.numbers("before").getFirst() / 2);
        assertThat(verdict.numbers("test")).isSortedAccordingTo(Collections.reverseOrder());
        assertThat(verdict.texts("saved")).contains("000002", "000004", "000008", "final");
        assertThat(verdict.texts("kept"))
                .contains("weights/final", "sampler_weights/final", "sampler_weights/000008")
                .doesNotContain("weights/000007");
        assertThat(verdict.number("runs")).isEqualTo(2);
        assertThat(verdict.text("renderer")).isEqualTo("role_colon");
    }

    @Test
    void theCommandLineShowsKeepsFetchesAndDeletes() {
        Verdict verdict = STAGE.play("the_command_line");
        assertThat(verdict.texts("runs")).contains(verdict.text("run"));
        assertThat(verdict.number("info")).isEqualTo(8);
        assertThat(verdict.texts("models")).contains("tiny/untied");
        assertThat(verdict.text("status")).contains("accessible: yes");
        assertThat(verdict.text("version")).contains("0.38");
        assertThat(verdict.texts("listed"))
                .containsExactly("external_weights/kept", "sampler_weights/kept", "weights/kept");
        assertThat(verdict.is("never")).isTrue();
        assertThat(verdict.number("hours")).isBetween(1.9, 2.0);
        assertThat(verdict.is("never_again")).isTrue();
        assertThat(verdict.numbers("downloaded"))
                .hasSize(2)
                .allMatch(apart -> apart < Tolerances.LOGPROB);
        assertThat(verdict.number("deleted")).isEqualTo(1);
        assertThat(verdict.texts("left")).containsExactly("sampler_weights/kept", "weights/kept");
    }

    @Test
    void theCookbookFetchesACheckpointThatLeavesEncrypted() {
        Verdict verdict = STAGE.play("downloaded_by_the_cookbook");
        assertThat(verdict.texts("files"))
                .containsExactly("adapter_config.json", "adapter_model.safetensors");
        assertThat(verdict.number("apart")).isLessThan(Tolerances.LOGPROB);
    }

    @Test
    void aCheckpointSavedForAnHourIsGoneAfterIt() {
        Verdict saved = STAGE.play("saved_for_an_hour");
        assertThat(saved.texts("listed")).containsExactly("weights/brief", "weights/lasting");
        assertThat(saved.numbers("seconds"))
                .singleElement()
                .satisfies(left -> assertThat(left).isBetween(3500.0, 3600.0));
        STAGE.withServerStopped(() -> STAGE.play("the_hour_passes"));
        Verdict later = STAGE.play("after_the_hour");
        assertThat(later.texts("listed")).containsExactly("weights/lasting");
        assertThat(later.text("loaded")).contains("NotFoundError", "no checkpoint");
    }
}
