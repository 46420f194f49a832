/// One forward, and perhaps one backward, over packed sequences: datums come in, log-probabilities,
/// losses and gradients go out.
@NullMarked
package dev.tinsmith.torch.pass;

import org.jspecify.annotations.NullMarked;
