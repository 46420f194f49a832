/// The parts picked and wired: settings come in, a running server goes out.
@NullMarked
package dev.tinsmith.cli.serving;

import org.jspecify.annotations.NullMarked;
