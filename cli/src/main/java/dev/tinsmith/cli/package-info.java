/// The program: a command line comes in, an exit code goes out.
@NullMarked
package dev.tinsmith.cli;

import org.jspecify.annotations.NullMarked;
