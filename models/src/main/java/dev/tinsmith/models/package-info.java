/// Base models: any source comes in, a Hugging Face folder under the data directory comes out.
@NullMarked
package dev.tinsmith.models;

import org.jspecify.annotations.NullMarked;
