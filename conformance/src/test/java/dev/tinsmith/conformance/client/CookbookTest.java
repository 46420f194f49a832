package dev.tinsmith.conformance.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The recipes of the cookbook, as they are: with the models they name, which here are all one and
/// the same small one, and with data from a Hub of our own. What each must leave behind is said
/// beside it, in `recipes/cases.py`. A few of them run always, all with `-Dconformance.all=true`.
class CookbookTest {
    private static final Path MODEL = Checkout.stage("recipe-model");
    private static final Duration PATIENCE = Duration.ofMinutes(11);
    private static final List<String> MODELS =
            List.of(
                    "Qwen/Qwen3.5-9B-Base",
                    "Qwen/Qwen3.5-9B",
                    "Qwen/Qwen3.5-4B",
                    "Qwen/Qwen3.6-35B-A3B",
                    "Qwen/Qwen3.6-27B",
                    "Qwen/Qwen3.5-397B-A17B",
                    "Qwen/Qwen3-8B");

    @Order(1)
    @RegisterExtension
    static final BeforeAllCallback PREPARED = _ -> prepare();

    @Order(2)
    @RegisterExtension
    static final Stage STAGE = Stage.named("cookbook", MODEL, MODELS);

    private static void prepare() {
        Path log = Checkout.conformance().resolve("target/recipe-model.log");
        List<String> words =
                List.of(Checkout.python().toString(), "-m", "recipes.models", MODEL.toString());
        Map<String, String> environment =
                Map.of("PYTHONPATH", Checkout.conformance().resolve("python").toString());
        try (Child python = Child.start(words, environment, log)) {
            assertThat(python.exit(Duration.ofMinutes(2))).as("see " + log).isZero();
        }
    }

    static List<String> recipes() {
        return Boolean.getBoolean("conformance.all")
                ? STAGE.play("all_names").texts("names")
                : List.of("sl_loop", "math_rl_sync", "chat");
    }

    @ParameterizedTest
    @MethodSource("recipes")
    void aRecipeRunsAsItIs(String recipe) {
        assertThat(STAGE.play(recipe, PATIENCE).scenario()).isEqualTo(recipe);
    }

    @Test
    @EnabledIfSystemProperty(named = "conformance.all", matches = "true")
    void whatCannotRunHereIsSaidWithItsReason() {
        assertThat(STAGE.play("what_cannot").texts("rows")).isNotEmpty();
    }
}
