/// The whole state of runs on the disk, so that a restart goes on from there and not from the
/// beginning.
@NullMarked
package dev.tinsmith.server.snapshot;

import org.jspecify.annotations.NullMarked;
