/// What outlives a run: a folder that an engine wrote comes in, and is kept whole under a name.
@NullMarked
package dev.tinsmith.server.checkpoint;

import org.jspecify.annotations.NullMarked;
