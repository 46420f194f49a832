package dev.tinsmith.server.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinsmith.engine.Base;
import dev.tinsmith.engine.SamplingSpec.StopText;
import dev.tinsmith.engine.Tokens;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class CatalogTest {
    private final AtomicInteger opened = new AtomicInteger();

    private Catalog.Model model(String name) {
        return new Catalog.Model(
                name,
                Path.of("models", name),
                "LlamaForCausalLM",
                8192,
                49152,
                Set.of(2),
                texts -> {
                    opened.incrementAndGet();
                    StopText never = StopText.NONE;
                    return texts.isEmpty() ? never : generated -> generated.length() >= 3;
                });
    }

    @Test
    void aModelIsFoundByItsName() {
        Catalog catalog = new Catalog(List.of(model("b/two"), model("a/one")));

        assertThat(catalog.find("a/one").base())
                .isEqualTo(new Base("a/one", Path.of("models", "a/one")));
        assertThat(catalog.all()).extracting(Catalog.Model::name).containsExactly("a/one", "b/two");
        assertThat(catalog.maybe("c")).isEmpty();
    }

    @Test
    void anUnknownNameIsAnsweredWithThoseThereAre() {
        Catalog catalog = new Catalog(List.of(model("b/two"), model("a/one")));

        assertThatThrownBy(() -> catalog.find("a/won"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("no base model is called 'a/won'; this server has a/one, b/two");
    }

    @Test
    void anEmptyCatalogSaysHowToAddAModel() {
        assertThatThrownBy(() -> new Catalog(List.of()).find("a/one"))
                .hasMessageContaining("none yet")
                .hasMessageContaining("tinsmith model add");
    }

    @Test
    void theTokenizerIsAskedOnlyWhenTextsMatter() {
        Catalog.Model model = model("a/one");
        assertThat(model.base().name()).isEqualTo("a/one");
        assertThat(opened).hasValue(0);

        assertThat(model.stops(List.of("\n\nUser:")).endsAt(Tokens.of(1, 2, 3))).isTrue();
        assertThat(opened).hasValue(1);
    }
}
