/// Promised, settled, awaited: a name goes out at once, and what it stands for when it is done.
@NullMarked
package dev.tinsmith.server.future;

import org.jspecify.annotations.NullMarked;
