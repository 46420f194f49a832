/// What the engine did for each session, as a timeline: operations come in, and are kept for a
/// while.
@NullMarked
package dev.tinsmith.server.trace;

import org.jspecify.annotations.NullMarked;
