package dev.tinsmith.server.catalog;

import dev.tinsmith.engine.SamplingSpec.StopText;
import java.util.List;

/// Knows where texts end, which takes a tokenizer.
@FunctionalInterface
public interface Stops {

    /// Ends a sample with the token that completes one of `texts`.
    ///
    /// @throws IllegalArgumentException if one of them can never be completed
    StopText at(List<String> texts);
}
