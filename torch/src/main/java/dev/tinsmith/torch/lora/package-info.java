/// What adapters add to a base: the input of a projection comes in, the sum of both goes out.
@NullMarked
package dev.tinsmith.torch.lora;

import org.jspecify.annotations.NullMarked;
