/// The lane of each run and the one thread that computes: work comes in under a number, in any
/// order, and is done once, in the order of the numbers.
@NullMarked
package dev.tinsmith.server.queue;

import org.jspecify.annotations.NullMarked;
