package dev.tinsmith.conformance.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinsmith.conformance.client.Stage.Done;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// Adapters that peft made come in, with the server running, and go out again.
class ImportsTest {
    @RegisterExtension static final Stage STAGE = Stage.tiny("imports");

    /// What the sentence that refuses each broken adapter says, besides naming a file.
    private static final Map<String, String> REFUSALS =
            Map.of(
                    "bad-init_lora_weights", "init_lora_weights is \"pissa\"",
                    "bad-use_rslora", "use_rslora is true",
                    "bad-base_model_name_or_path", "'acme/unknown'",
                    "bad-nan", "NaN",
                    "bad-shape", "in the shape [4, ",
                    "bad-missing", "lacks the factors of model.layers.1.",
                    "bad-head", "not what the base has",
                    "bad-dora", "use_dora is true",
                    "bad-cut", "broken",
                    "bad-pickle", "pickle");

    private static List<String> names = List.of();

    @BeforeAll
    static void adaptersComeIn() {
        names = STAGE.play("adapters_made").texts("names");
        assertThat(names).hasSize(14);
        for (String name : names) {
            Done done = bring("made/" + name, name);
            assertThat(done.code()).as(done.failure()).isZero();
        }
    }

    private static Done bring(String folder, String name, String... options) {
        List<String> words = new ArrayList<>();
        words.addAll(List.of("checkpoint", "import", STAGE.place().resolve(folder).toString()));
        words.addAll(List.of(options));
        return STAGE.command(words, name);
    }

    @Test
    void theServerComputesWhatPeftComputesAndGoesOnFromIt() {
        Verdict verdict = STAGE.play("adapters_come_in");
        assertThat(verdict.numbers("moved")).hasSize(14).allMatch(moved -> moved > 0.01);
        assertThat(verdict.numbers("trained")).allMatch(apart -> apart < Tolerances.LOGPROB);
        assertThat(verdict.numbers("sampled")).allMatch(apart -> apart < Tolerances.LOGPROB);
        assertThat(verdict.numbers("falls")).allMatch(fall -> fall > 0);
    }

    @Test
    void anAdapterGoesOutAsItCame() {
        for (String name : names) {
            String path = paths(name).getFirst();
            STAGE.export(path, "peft", "out-" + name);
        }
        Verdict verdict = STAGE.play("adapters_go_out_as_they_came");
        assertThat(verdict.texts("same"))
                .hasSize(10)
                .allSatisfy(name -> assertThat(names).contains(name));
        assertThat(verdict.texts("settings")).isEmpty();
        assertThat(verdict.numbers("apart")).allMatch(apart -> apart < Tolerances.LOGPROB);
    }

    /// Where the adapter is found, to train from and to sample from.
    private static List<String> paths(String name) {
        try (Stream<String> said = Files.lines(STAGE.place().resolve(name + ".txt"))) {
            return said.filter(line -> line.startsWith("tinker://")).toList();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    @Test
    void aRunThatGoesOnFromAnImportAdaptsNoMoreThanThat() {
        Verdict verdict = STAGE.play("trained_adapters_go_out_as_small_as_they_came");
        assertThat(verdict.number("rank")).isEqualTo(12);
        assertThat(verdict.number("alpha")).isEqualTo(24);
        assertThat(verdict.texts("targets")).containsExactly("lm_head", "up_proj");
        assertThat(verdict.number("apart")).isLessThan(Tolerances.LOGPROB);
    }

    @Test
    void whatIsPushedToAHubIsLoadedByItsVisitors() {
        Verdict verdict = STAGE.play("adapters_are_pushed_to_a_hub");
        assertThat(verdict.numbers("codes")).containsExactly(0.0, 0.0, 0.0);
        assertThat(verdict.texts("files"))
                .hasSize(3)
                .containsOnly("README.md adapter_config.json adapter_model.safetensors");
        assertThat(verdict.numbers("apart")).allMatch(apart -> apart < Tolerances.LOGPROB);
        assertThat(verdict.text("again")).startsWith("1 ").contains("different Tinker checkpoint");
        assertThat(verdict.text("card")).contains("base_model: tiny/tied", "tinker://");
        assertThat(verdict.texts("heard")).contains("POST /verify");
    }

    @Test
    void anImportSaysWhereItCameFromAndMayEnd() {
        assertThat(bring("made/plain", "brief", "--name", "brief", "--ttl", "1h").code()).isZero();
        Verdict verdict = STAGE.play("imports_are_listed_and_end");
        assertThat(verdict.fact("metadata").toString())
                .contains(
                        "\"imported_from\":\"queries\"",
                        "\"imported_rank\":\"4\"",
                        "\"imported_alpha\":\"8\"",
                        "\"imported_base\":\"tiny/tied\"",
                        "\"imported_exactly\":\"true\"")
                .doesNotContain(STAGE.place().toString());
        assertThat(verdict.is("lasting")).isTrue();
        assertThat(verdict.number("rank")).isEqualTo(4);
        assertThat(verdict.is("attn")).isTrue();
        assertThat(verdict.is("mlp")).isFalse();
        assertThat(verdict.text("with_optimizer")).contains("no optimizer state");
        assertThat(verdict.texts("ends")).containsExactly("true", "true");
        assertThat(STAGE.command(List.of("checkpoint", "list"), "list").said())
                .anyMatch(line -> line.endsWith("imported from queries (rank 4, alpha 8)"))
                .anyMatch(line -> line.contains("/weights/brief") && line.contains("expires"));
    }

    @Test
    void whatCameInWhileTheServerWasStoppedIsTrainedFromAfterwards() {
        STAGE.withServerStopped(() -> {
            Done done = bring("made/patterns", "meanwhile", "--name", "meanwhile");
            assertThat(done.code()).as(done.failure()).isZero();
        });
        Verdict verdict = STAGE.play("imported_while_the_server_was_stopped");
        assertThat(verdict.number("trained")).isLessThan(Tolerances.LOGPROB);
        assertThat(verdict.number("sampled")).isLessThan(Tolerances.LOGPROB);
        assertThat(verdict.number("falls")).isPositive();
    }

    @Test
    void theCommandSaysWhatItCouldNotKeep() {
        assertThat(STAGE.place().resolve("twelve.txt")).content().contains("held as 16");
        assertThat(STAGE.place().resolve("thirds.txt")).content().contains("no power of two");
        assertThat(STAGE.place().resolve("linear.txt")).content().contains("dropout of 0.1");
    }

    @Test
    void anAdapterThatCannotBeSaidIsRefusedInOneSentenceAndLeavesNothing() {
        List<String> broken = STAGE.play("broken_adapters_made").texts("names");
        assertThat(broken).containsExactlyInAnyOrderElementsOf(REFUSALS.keySet());
        for (String name : broken) {
            Done done = bring(name, name);
            assertThat(done.code()).as(name).isEqualTo(1);
            assertThat(done.failure())
                    .startsWith("tinsmith: ")
                    .contains(REFUSALS.getOrDefault(name, "?"))
                    .doesNotContain("bug")
                    .hasLineCount(1);
        }
        assertThat(STAGE.play("nothing_half_written").texts("left")).isEmpty();
        assertThat(STAGE.command(List.of("checkpoint", "list"), "list").said())
                .noneMatch(line -> line.contains("bad-"));
    }
}
