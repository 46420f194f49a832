package dev.tinsmith.models.peft;

import dev.tinsmith.engine.format.AdapterConfig;
import dev.tinsmith.engine.format.FormatException;
import dev.tinsmith.engine.format.JsonFile;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// What an adapter was before it came here, noted in the checkpoint, so that it can go out as it
/// came. A run that goes on from the checkpoint saves others, which have no such note.
///
/// @param config its `adapter_config.json`
/// @param modules how each module's factors became ours
record Origin(ObjectNode config, SortedMap<String, Folding> modules) {
    private static final String CONFIG = "config";
    private static final String MODULES = "modules";
    private static final String RANK = "rank";
    private static final String TIMES = "times";

    Origin {
        modules = Collections.unmodifiableSortedMap(new TreeMap<>(modules));
    }

    /// The note of `adapter`, which is held in the rank `full`.
    static ObjectNode note(ForeignAdapter adapter, int full) {
        ObjectNode note = JsonFile.empty();
        ObjectNode config = note.putObject(CONFIG);
        config.setAll(adapter.settings().file());
        config.remove(AdapterConfig.OWN);
        ObjectNode modules = note.putObject(MODULES);
        for (ForeignAdapter.Part part : adapter.parts().values()) {
            modules.putObject(part.module())
                    .put(RANK, part.rank())
                    .put(TIMES, Folding.of(part.rank(), part.scale(), full).times());
        }
        return note;
    }

    /// The note in the checkpoint `folder`, if it has one.
    ///
    /// @param full the rank it is held in
    static Optional<Origin> of(Path folder, int full) {
        return AdapterConfig.origin(folder).map(note -> read(note, full));
    }

    private static Origin read(JsonNode note, int full) {
        if (note.path(CONFIG) instanceof ObjectNode config) {
            SortedMap<String, Folding> modules = new TreeMap<>();
            for (Map.Entry<String, JsonNode> entry : note.path(MODULES).properties()) {
                int rank = entry.getValue().path(RANK).asInt(0);
                double times = entry.getValue().path(TIMES).asDouble(0);
                if (rank < 1 || rank > full || !(times > 0)) {
                    throw broken();
                }
                modules.put(entry.getKey(), new Folding(rank, full, times));
            }
            return new Origin(config, modules);
        }
        throw broken();
    }

    private static FormatException broken() {
        return new FormatException(
                "the note of an import in %s is broken; import the adapter again"
                        .formatted(AdapterConfig.FILE));
    }
}
