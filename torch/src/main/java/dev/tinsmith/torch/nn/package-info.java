/// The blocks of a decoder, forwards and backwards by hand: hidden states come in, hidden states or
/// their gradients go out.
@NullMarked
package dev.tinsmith.torch.nn;

import org.jspecify.annotations.NullMarked;
