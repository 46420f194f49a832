package dev.tinsmith.engine.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HfConfigTest {
    @TempDir Path folder;

    @Test
    void valuesAreReadByTheirKind() {
        HfConfig config =
                config(
                        """
                        {"architectures": ["LlamaForCausalLM", "Other"], "hidden_size": 64,
                         "rms_norm_eps": 1e-05, "rope_theta": 10000, "tie_word_embeddings": true,
                         "hidden_act": "silu", "layer_types": ["a", "b"], "rope_scaling": {"factor": 8.0}}
                        """);

        assertThat(config.architecture()).isEqualTo("LlamaForCausalLM");
        assertThat(config.integer("hidden_size")).isEqualTo(64);
        assertThat(config.real("rms_norm_eps")).isEqualTo(1e-5);
        assertThat(config.real("rope_theta")).isEqualTo(10_000);
        assertThat(config.bool("tie_word_embeddings", false)).isTrue();
        assertThat(config.text("hidden_act", "gelu")).isEqualTo("silu");
        assertThat(config.texts("layer_types", List.of())).containsExactly("a", "b");
        assertThat(config.object("rope_scaling").real("factor")).isEqualTo(8);
    }

    @Test
    void whatIsAbsentOrNullIsWhatTheCallerSays() {
        HfConfig config = config("{\"rope_scaling\": null, \"head_dim\": null}");

        assertThat(config.has("rope_scaling")).isFalse();
        assertThat(config.saysNone("rope_scaling")).isTrue();
        assertThat(config.saysNone("rope_theta")).isFalse();
        assertThat(config.integer("head_dim", 7)).isEqualTo(7);
        assertThat(config.real("rope_theta", 0.5)).isEqualTo(0.5);
        assertThat(config.bool("tie_word_embeddings", true)).isTrue();
        assertThat(config.text("hidden_act", "silu")).isEqualTo("silu");
    }

    @Test
    void aKeyThatMustBeThereIsNamed() {
        HfConfig config = config("{\"rope_scaling\": {}, \"head_dim\": null}");

        refuses(() -> config.integer("hidden_size"), "config.json lacks hidden_size, a whole");
        refuses(() -> config.integer("head_dim"), "lacks head_dim");
        refuses(() -> config.object("rope_scaling").real("factor"), "lacks rope_scaling.factor");
        refuses(config::architecture, "config.json has no architectures");
    }

    @Test
    void aValueOfAnotherKindIsNamed() {
        HfConfig config =
                config("{\"a\": \"64\", \"b\": 1.5, \"c\": 3000000000, \"d\": {\"e\": 1}}");

        refuses(() -> config.integer("a"), "config.json says a is \"64\"; it must be a whole");
        refuses(() -> config.integer("b", 1), "says b is 1.5");
        refuses(() -> config.texts("d", List.of()), "must be a list of texts");
        refuses(() -> config.integer("c"), "says c is 3000000000");
        refuses(() -> config.real("a"), "must be a number");
        refuses(() -> config.bool("b", true), "must be true or false");
        refuses(() -> config.text("b", ""), "must be a text");
        refuses(() -> config.object("a"), "must be an object");
        refuses(() -> config.object("d").object("e"), "says d.e is 1");
    }

    @Test
    void aFolderWithoutOneIsRefused() {
        refuses(() -> HfConfig.read(folder), "config.json is missing");
    }

    @Test
    void oneThatIsNotJsonIsRefused() {
        refuses(() -> config("{\"a\": 1,}"), "config.json is not valid JSON");
        refuses(() -> config("{\"a\": 1, \"a\": 2}"), "config.json is not valid JSON");
    }

    private HfConfig config(String text) {
        RawFile.text(folder.resolve("config.json"), text);
        return HfConfig.read(folder);
    }

    private static void refuses(ThrowingCallable call, String words) {
        assertThatThrownBy(call).isInstanceOf(FormatException.class).hasMessageContaining(words);
    }
}
