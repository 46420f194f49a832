/// Which weights a sampler stands for, and for how long.
@NullMarked
package dev.tinsmith.server.sampling;

import org.jspecify.annotations.NullMarked;
