/// From the scores of a position to the tokens that follow: no tensors here.
@NullMarked
package dev.tinsmith.torch.draw;

import org.jspecify.annotations.NullMarked;
