/// A GGUF file comes in, a Hugging Face folder goes out: weights, configuration, tokenizer.
@NullMarked
package dev.tinsmith.models.gguf;

import org.jspecify.annotations.NullMarked;
