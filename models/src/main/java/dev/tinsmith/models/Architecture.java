package dev.tinsmith.models;

import dev.tinsmith.engine.format.HfConfig;
import java.util.List;
import java.util.SortedMap;

/// A kind of model, as far as its files go.
interface Architecture {

    /// As `architectures` of `config.json` calls it.
    String name();

    /// Every tensor a model configured like this needs, and its shape.
    ///
    /// @throws dev.tinsmith.engine.format.FormatException if the configuration lacks something, or
    ///   asks for what cannot be computed
    SortedMap<String, List<Long>> tensors(HfConfig config);

    /// Whether the unembedding of a model configured like this is its embedding.
    boolean isTied(HfConfig config);

    /// Whether files may hold this tensor beside those, without harm.
    boolean mayHold(String tensor);
}
