/// What travels between a client and the server: one file per resource of the Tinker protocol, its
/// records nested inside.
@NullMarked
package dev.tinsmith.protocol;

import org.jspecify.annotations.NullMarked;
