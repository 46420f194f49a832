package dev.tinsmith.cli.serving;

import dev.tinsmith.models.InstalledModel;
import dev.tinsmith.models.ModelStore;
import dev.tinsmith.models.tokenizer.StopStrings;
import dev.tinsmith.models.tokenizer.Tokenizer;
import dev.tinsmith.server.catalog.Catalog;

/// The models of a data directory, as a server offers them.
final class Bases {
    private Bases() {}

    static Catalog catalog(ModelStore store) {
        return new Catalog(store.list().stream().map(Bases::model).toList());
    }

    private static Catalog.Model model(InstalledModel model) {
        Once<Tokenizer> tokenizer = new Once<>(() -> Tokenizer.open(model.folder()));
        return new Catalog.Model(
                model.name(),
                model.folder(),
                model.architecture(),
                model.maxContextLength(),
                model.vocabulary(),
                Tokenizer.endOfTextIds(model.folder()),
                texts -> StopStrings.of(tokenizer.get(), texts));
    }
}
