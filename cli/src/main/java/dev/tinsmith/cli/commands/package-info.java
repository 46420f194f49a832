/// One file per command: its options come in, the rooms that do the work are called.
@NullMarked
package dev.tinsmith.cli.commands;

import org.jspecify.annotations.NullMarked;
