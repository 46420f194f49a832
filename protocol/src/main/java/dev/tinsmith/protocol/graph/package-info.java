/// Losses that clients write, as they travel: the operations that torch.fx traced.
@NullMarked
package dev.tinsmith.protocol.graph;

import org.jspecify.annotations.NullMarked;
