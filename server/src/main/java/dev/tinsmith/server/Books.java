package dev.tinsmith.server;

import dev.tinsmith.server.audit.AuditLog;
import dev.tinsmith.server.audit.Scribe;
import dev.tinsmith.server.checkpoint.Checkpoints;
import dev.tinsmith.server.metering.Meter;
import dev.tinsmith.server.metering.StorageMeter;
import dev.tinsmith.server.metering.Watch;
import dev.tinsmith.server.rest.Records;
import dev.tinsmith.server.session.Sessions;
import dev.tinsmith.server.trace.Traces;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;

/// Those who write down what happens, and whom they listen to.
///
/// @param watch whom the queue tells
record Books(Records records, Watch watch) {

    static Books open(Path dataDirectory, InstantSource clock) {
        Records records =
                new Records(
                        new Meter(clock),
                        new StorageMeter(clock),
                        AuditLog.open(dataDirectory, clock),
                        new Traces());
        return new Books(
                records, new Watch(clock, List.of(records.meter()::count, records.traces()::keep)));
    }

    /// Follows what happens in these rooms, and what is there already.
    void follow(Checkpoints checkpoints, Sessions sessions) {
        Scribe scribe = new Scribe(records.audit());
        checkpoints.whenever(records.meter()::count);
        checkpoints.whenever(records.storage()::count);
        checkpoints.whenever(scribe::note);
        checkpoints.everybodys().forEach(records.storage()::begin);
        sessions.whenOver(scribe::note);
    }

    /// Forgets what is too old; to be called now and then.
    void sweep() {
        records.meter().sweep();
        records.storage().sweep();
        records.audit().sweep();
    }
}
