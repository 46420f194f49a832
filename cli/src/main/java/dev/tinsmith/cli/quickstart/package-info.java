/// The main job end to end: nothing but a machine comes in, a trained adapter and a report go out.
@NullMarked
package dev.tinsmith.cli.quickstart;

import org.jspecify.annotations.NullMarked;
