package dev.tinsmith.server.snapshot;

import dev.tinsmith.engine.RunId;
import java.nio.file.Path;

/// All of a run as it was between two pieces of its work.
///
/// @param next all its numbers below this are in it, and no others
/// @param folder what the engine wrote
/// @param checksum over all of that
public record Snapshot(RunId run, long next, Path folder, long bytes, long checksum) {}
