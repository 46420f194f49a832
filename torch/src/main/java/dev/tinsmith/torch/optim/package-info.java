/// The optimizer: gradients come in, parameters change in place.
@NullMarked
package dev.tinsmith.torch.optim;

import org.jspecify.annotations.NullMarked;
