package dev.tinsmith.server.catalog;

import dev.tinsmith.engine.SamplingSpec.StopText;
import dev.tinsmith.models.tokenizer.StopStrings;
import dev.tinsmith.models.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// The stops of an installed model. Its tokenizer is opened by the first request that stops at a
/// text, and then kept for as long as the process lives.
final class LazyStops implements Stops {
    private final Path folder;
    private Optional<Tokenizer> opened = Optional.empty();

    LazyStops(Path folder) {
        this.folder = folder;
    }

    @Override
    public StopText at(List<String> texts) {
        return texts.isEmpty() ? StopText.NONE : StopStrings.of(tokenizer(), texts);
    }

    private synchronized Tokenizer tokenizer() {
        Tokenizer tokenizer = opened.orElseGet(() -> Tokenizer.open(folder));
        opened = Optional.of(tokenizer);
        return tokenizer;
    }
}
