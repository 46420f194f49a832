/// What a base model is made of, in numbers: families fill it in, blocks read it. No tensor here.
@NullMarked
package dev.tinsmith.torch.model;

import org.jspecify.annotations.NullMarked;
