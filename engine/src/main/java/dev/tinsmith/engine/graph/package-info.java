/// Losses that clients wrote: a traced graph comes in and is refused where it asks for what is not
/// known here; then a datum comes in, and the loss and its derivatives go out.
@NullMarked
package dev.tinsmith.engine.graph;

import org.jspecify.annotations.NullMarked;
