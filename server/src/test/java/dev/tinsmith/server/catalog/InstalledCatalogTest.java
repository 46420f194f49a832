package dev.tinsmith.server.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinsmith.engine.SamplingSpec.StopText;
import dev.tinsmith.engine.Tokens;
import dev.tinsmith.models.ModelStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstalledCatalogTest {
    private static final String TOKENIZER =
            """
            {"version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
             "normalizer": null, "pre_tokenizer": {"type": "WhitespaceSplit"},
             "post_processor": null, "decoder": null,
             "model": {"type": "WordLevel", "unk_token": "?",
                       "vocab": {"?": 0, "Hello": 1, "User:": 2, "<end>": 3}}}
            """;

    @TempDir private Path data;

    private Path installed(String folder, String name, String end) throws IOException {
        Path model = Files.createDirectories(data.resolve("models").resolve(folder));
        Files.writeString(
                model.resolve("tinsmith.json"),
                """
                {"name": "%s", "source": "elsewhere", "added_at": "2026-11-24T12:00:00Z",
                 "parameters": 12, "bytes": 34}
                """
                        .formatted(name));
        Files.writeString(
                model.resolve("config.json"),
                """
                {"architectures": ["LlamaForCausalLM"], "max_position_embeddings": 64,
                 "vocab_size": 8, "eos_token_id": %s}
                """
                        .formatted(end));
        Files.writeString(model.resolve("tokenizer.json"), TOKENIZER);
        return model;
    }

    @Test
    void whatIsInstalledIsOfferedWithItsLimits() throws IOException {
        Path folder = installed("org--tiny", "org/tiny", "[3, 2]");
        Catalog.Model model = Catalog.of(new ModelStore(data)).find("org/tiny");

        assertThat(model.folder()).isEqualTo(folder.toAbsolutePath());
        assertThat(model.architecture()).isEqualTo("LlamaForCausalLM");
        assertThat(model.context()).isEqualTo(64);
        assertThat(model.vocabulary()).isEqualTo(8);
        assertThat(model.ends()).containsExactlyInAnyOrder(2, 3);
    }

    @Test
    void textsAreStoppedAtByTheModelsOwnTokenizer() throws IOException {
        installed("org--tiny", "org/tiny", "3");
        Catalog.Model model = Catalog.of(new ModelStore(data)).find("org/tiny");
        StopText stop = model.stops(List.of("User:"));

        assertThat(stop.endsAt(Tokens.of(1))).isFalse();
        assertThat(stop.endsAt(Tokens.of(1, 2))).isTrue();
        assertThat(model.stops(List.of()).endsAt(Tokens.of(1, 2))).isFalse();
    }

    @Test
    void theTokenizerIsOpenedOnlyWhenATextIsAskedFor() throws IOException {
        Path folder = installed("org--tiny", "org/tiny", "3");
        Files.writeString(folder.resolve("tokenizer.json"), "nonsense");
        Catalog.Model model = Catalog.of(new ModelStore(data)).find("org/tiny");

        assertThat(model.stops(List.of()).endsAt(Tokens.of(1))).isFalse();
    }

    @Test
    void aModelThatDoesNotSayWhereTextsEndIsLeftOut() throws IOException {
        installed("org--tiny", "org/tiny", "3");
        installed("org--odd", "org/odd", "\"three\"");

        assertThat(Catalog.of(new ModelStore(data)).all())
                .extracting(Catalog.Model::name)
                .containsExactly("org/tiny");
    }

    @Test
    void anEmptyStoreMakesAnEmptyCatalog() {
        assertThat(Catalog.of(new ModelStore(data)).all()).isEmpty();
    }
}
