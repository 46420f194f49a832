package dev.tinsmith.models;

import dev.tinsmith.engine.format.FormatException;
import dev.tinsmith.engine.format.HfConfig;
import java.util.List;
import java.util.SortedMap;

/// Every architecture that is taken in. To add one: write its file, then its line here.
public final class Architectures {
    private static final List<Architecture> ALL = List.of(new LlamaArchitecture());

    private Architectures() {}

    /// What they are called.
    public static List<String> names() {
        return ALL.stream().map(Architecture::name).toList();
    }

    /// Every tensor a model configured like this needs, and its shape.
    ///
    /// @throws FormatException if it is of no known architecture, or asks for what cannot be
    ///   computed
    public static SortedMap<String, List<Long>> tensors(HfConfig config) {
        return of(config).tensors(config);
    }

    /// The one that `config` names.
    static Architecture of(HfConfig config) {
        String name = config.architecture();
        return ALL.stream()
                .filter(known -> known.name().equals(name))
                .findFirst()
                .orElseThrow(() ->
                        new FormatException(
                                "config.json says the architecture is %s; those that are known are %s"
                                        .formatted(name, String.join(", ", names()))));
    }
}
