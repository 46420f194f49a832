/// The decoding loop: prompts come in, continuations go out, all that are under way advancing
/// together.
@NullMarked
package dev.tinsmith.torch.sample;

import org.jspecify.annotations.NullMarked;
