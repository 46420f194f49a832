/// Flags, a file and the environment come in, one checked set of settings goes out.
@NullMarked
package dev.tinsmith.cli.config;

import org.jspecify.annotations.NullMarked;
