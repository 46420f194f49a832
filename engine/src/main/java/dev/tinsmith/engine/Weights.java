package dev.tinsmith.engine;

import java.nio.file.Path;

/// What a sample is drawn from: a base as it is, or a base with a saved, immutable adapter.
public sealed interface Weights {

    /// The frozen model underneath.
    Base base();

    /// The base alone.
    record Plain(Base base) implements Weights {}

    /// The base with the adapter that [Work.Save] wrote into `folder`; the folder never changes, so
    /// that it may be cached by its path.
    record Adapted(Base base, Path folder) implements Weights {}
}
