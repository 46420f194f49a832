package dev.tinsmith.engine;

import java.nio.file.Path;

/// A frozen base model: the name clients call it by, and the Hugging Face folder that holds it.
public record Base(String name, Path folder) {}
