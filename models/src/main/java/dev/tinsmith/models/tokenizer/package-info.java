/// Text in, token ids out, and back: a model folder's `tokenizer.json`, read, asked and written.
@NullMarked
package dev.tinsmith.models.tokenizer;

import org.jspecify.annotations.NullMarked;
