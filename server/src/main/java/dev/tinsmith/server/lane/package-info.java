/// The line of one run's work: numbers go in, in any order, each is done once, in order, and goes
/// on where it was after a restart.
@NullMarked
package dev.tinsmith.server.lane;

import org.jspecify.annotations.NullMarked;
