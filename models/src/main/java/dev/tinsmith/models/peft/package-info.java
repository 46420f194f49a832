/// Adapters that others made: a folder of PEFT's comes in, the folder of a checkpoint goes out, or
/// one sentence that says why not. And back again. No libtorch is needed.
@NullMarked
package dev.tinsmith.models.peft;

import org.jspecify.annotations.NullMarked;
