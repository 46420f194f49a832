/// The engine on libtorch: [dev.tinsmith.engine.Work] comes in, tensors are made and freed, an
/// [dev.tinsmith.engine.Outcome] goes out.
@NullMarked
package dev.tinsmith.torch;

import org.jspecify.annotations.NullMarked;
