package dev.tinsmith.server.audit;

import dev.tinsmith.server.checkpoint.Checkpoint;
import dev.tinsmith.server.checkpoint.CheckpointEvent;
import dev.tinsmith.server.session.SessionFacts;
import java.time.Instant;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;

/// Puts what happens into the words of the log.
public final class Scribe {
    private final AuditLog log;

    public Scribe(AuditLog log) {
        this.log = log;
    }

    /// Something happened to a checkpoint.
    public void note(CheckpointEvent event) {
        Checkpoint checkpoint = event.checkpoint();
        SortedMap<String, String> details = new TreeMap<>();
        details.put("tinker_path", checkpoint.path().toString());
        details.put("model_id", checkpoint.path().run().value());
        details.put("base_model", checkpoint.baseModel());
        details.put("size_bytes", Long.toString(checkpoint.size()));
        String action =
                switch (event.what()) {
                    case CheckpointEvent.Created _ -> "created";
                    case CheckpointEvent.Copied copied -> {
                        details.put("source_path", copied.from().toString());
                        yield "copied";
                    }
                    case CheckpointEvent.Read read -> {
                        details.put("purpose", word(read.purpose()));
                        yield "read";
                    }
                    case CheckpointEvent.Kept _ -> {
                        details.put(
                                "expires_at",
                                checkpoint.expires().map(Instant::toString).orElse("never"));
                        yield "ttl_set";
                    }
                    case CheckpointEvent.Published published ->
                            published.isPublic() ? "published" : "unpublished";
                    case CheckpointEvent.Gone gone -> word(gone.reason());
                };
        log.note(new AuditEntry(event.at(), "checkpoint_" + action, event.by(), details));
    }

    /// A session ended.
    public void note(SessionFacts over) {
        SortedMap<String, String> details = new TreeMap<>();
        details.put("session_id", over.id().value());
        over.ending()
                .ifPresent(end -> {
                    end.finish()
                            .ifPresent(finish -> {
                                details.put("reason", finish.reason());
                                finish.detail().ifPresent(detail -> details.put("detail", detail));
                            });
                    log.note(
                            new AuditEntry(
                                    end.at(),
                                    end.finish().isPresent() ? "session_finished" : "session_lost",
                                    over.owner(),
                                    details));
                });
    }

    private static String word(Enum<?> one) {
        return one.name().toLowerCase(Locale.ROOT);
    }
}
