/// Low-rank factors and their gradients: one flat row of numbers per run, seen as one pair of
/// factors per projection.
@NullMarked
package dev.tinsmith.torch.adapter;

import org.jspecify.annotations.NullMarked;
