package dev.tinsmith.server.metering;

import dev.tinsmith.server.future.Owner;

/// Whom an operation is put down to.
///
/// @param session the visit that asked for it
/// @param actor the run or the sampler that it was asked of
public record Subject(Owner owner, String session, String actor, String baseModel) {}
