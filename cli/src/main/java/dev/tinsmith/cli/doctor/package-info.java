/// What this machine is and what Tinsmith makes of it, a line each.
@NullMarked
package dev.tinsmith.cli.doctor;

import org.jspecify.annotations.NullMarked;
