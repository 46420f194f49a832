/// Tensors that know how they came about: numbers come in, their derivatives go out. In double
/// precision, in plain Java, for the few thousand values that a loss reads.
@NullMarked
package dev.tinsmith.engine.tensor;

import org.jspecify.annotations.NullMarked;
