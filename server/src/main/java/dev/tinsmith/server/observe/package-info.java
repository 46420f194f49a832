/// What an operator may know of a running server: counts go in, and come out as numbers and lines.
@NullMarked
package dev.tinsmith.server.observe;

import org.jspecify.annotations.NullMarked;
