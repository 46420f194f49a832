/// How tokens look at one another: queries, keys and values come in, what each token gathers goes
/// out, and for training the way back.
@NullMarked
package dev.tinsmith.torch.attention;

import org.jspecify.annotations.NullMarked;
