package dev.tinsmith.server.audit;

import dev.tinsmith.server.future.Owner;
import java.time.Instant;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/// One thing that somebody did.
///
/// @param event `<resource>_<action>`
/// @param by who did it
/// @param details what it was about
public record AuditEntry(Instant at, String event, Owner by, SortedMap<String, String> details) {
    public AuditEntry {
        details = Collections.unmodifiableSortedMap(new TreeMap<>(details));
    }
}
