/// What a run computes, said without a tensor: the [dev.tinsmith.engine.Engine] port, the words it
/// is spoken to in, and what comes back.
@NullMarked
package dev.tinsmith.engine;

import org.jspecify.annotations.NullMarked;
