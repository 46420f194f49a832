package dev.tinsmith.models.peft;

import dev.tinsmith.engine.format.AdapterConfig;
import dev.tinsmith.engine.format.AdapterFolder;
import dev.tinsmith.engine.format.FolderFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The state of an optimizer beside a foreign adapter. It is understood where the adapter is one of
/// ours, exported as it is.
final class Moments {
    private Moments() {}

    /// Whether there is one.
    static boolean areIn(Path folder) {
        return Files.exists(folder.resolve(AdapterFolder.OPTIMIZER));
    }

    /// Copies the state beside the checkpoint in `into`, if there is one and it is ours.
    ///
    /// @return whether it was copied
    static boolean take(Path folder, ForeignAdapter adapter, Path into) throws IOException {
        if (!areIn(folder) || !adapter.settings().file().has(AdapterConfig.OWN)) {
            return false;
        }
        try (AdapterFolder ours = AdapterFolder.open(into)) {
            boolean same =
                    ours.modules().equals(adapter.parts().keySet())
                            && adapter.parts().values().stream()
                                    .map(part ->
                                            Folding.of(
                                                    part.rank(),
                                                    part.scale(),
                                                    ours.config().lora().rank()))
                                    .allMatch(folding ->
                                            folding.rank() == folding.full()
                                                    && folding.times() == 1);
            if (same) {
                Files.copy(
                        FolderFile.inside(folder, AdapterFolder.OPTIMIZER),
                        into.resolve(AdapterFolder.OPTIMIZER));
                AdapterFolder.Moments _ = ours.moments();
            }
            return same;
        }
    }
}
