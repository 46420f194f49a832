/// What a base model is made of: a configuration comes in, a [dev.tinsmith.torch.model.DecoderSpec]
/// goes out. No tensor here.
@NullMarked
package dev.tinsmith.torch.model;

import org.jspecify.annotations.NullMarked;
