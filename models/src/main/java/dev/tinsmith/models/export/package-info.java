/// Adapters on their way out: a checkpoint's folder comes in, a folder for PEFT, a merged model or
/// the raw checkpoint comes out. No libtorch is needed.
@NullMarked
package dev.tinsmith.models.export;

import org.jspecify.annotations.NullMarked;
