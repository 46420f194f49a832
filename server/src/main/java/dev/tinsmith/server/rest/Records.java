package dev.tinsmith.server.rest;

import dev.tinsmith.server.audit.AuditLog;
import dev.tinsmith.server.metering.Meter;
import dev.tinsmith.server.metering.StorageMeter;
import dev.tinsmith.server.trace.Traces;

/// What is written down of what happens.
public record Records(Meter meter, StorageMeter storage, AuditLog audit, Traces traces) {}
