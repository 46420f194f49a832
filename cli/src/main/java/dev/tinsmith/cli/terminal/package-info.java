/// What the person at the terminal reads: one sentence when something cannot be done, a moving line
/// while it is.
@NullMarked
package dev.tinsmith.cli.terminal;

import org.jspecify.annotations.NullMarked;
