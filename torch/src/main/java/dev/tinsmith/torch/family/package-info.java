/// Every kind of base model that can be loaded: a configuration comes in, a
/// [dev.tinsmith.torch.model.DecoderSpec] goes out. No tensor here.
@NullMarked
package dev.tinsmith.torch.family;

import org.jspecify.annotations.NullMarked;
