/// The verbs of libtorch that this house uses, who frees what they make, and where they run.
@NullMarked
package dev.tinsmith.torch.ops;

import org.jspecify.annotations.NullMarked;
