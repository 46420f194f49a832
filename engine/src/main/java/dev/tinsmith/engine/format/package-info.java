/// The files that a model and an adapter are kept in: safetensors, a Hugging Face `config.json`,
/// PEFT's `adapter_config.json`. Broken files come out as a [FormatException] that names them.
@NullMarked
package dev.tinsmith.engine.format;

import org.jspecify.annotations.NullMarked;
