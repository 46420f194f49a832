package dev.tinsmith.server.lane;

import dev.tinsmith.server.future.Futures;
import dev.tinsmith.server.future.Ledger;
import dev.tinsmith.server.journal.Journal;
import dev.tinsmith.server.metering.Watch;
import dev.tinsmith.server.observe.Counters;
import dev.tinsmith.server.queue.EngineThread;
import dev.tinsmith.server.snapshot.Snapshots;

/// What all lanes share.
public record Commons(
        EngineThread engine,
        Futures futures,
        Counters counters,
        Watch watch,
        Journal journal,
        Ledger ledger,
        Snapshots snapshots) {}
