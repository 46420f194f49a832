/// Base weights and adapters, from disk to device and back.
@NullMarked
package dev.tinsmith.torch.weights;

import org.jspecify.annotations.NullMarked;
