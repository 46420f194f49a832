/// The losses: log-probabilities and a datum come in, a sum and its derivatives go out.
@NullMarked
package dev.tinsmith.engine.loss;

import org.jspecify.annotations.NullMarked;
