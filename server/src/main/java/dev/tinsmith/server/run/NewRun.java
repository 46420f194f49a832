package dev.tinsmith.server.run;

import dev.tinsmith.engine.Base;
import dev.tinsmith.engine.LoraSpec;
import dev.tinsmith.engine.RunId;
import dev.tinsmith.server.future.Owner;
import dev.tinsmith.server.metering.Subject;
import dev.tinsmith.server.queue.Letter;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/// What a client wants of a run that is to be made.
///
/// @param number which run of the session it is, counted from 0
/// @param fingerprint equal for equal requests, and for no others
/// @param metadata what the client says of it
/// @param letter what it was asked with; empty if nobody needs to know it after this process
public record NewRun(
        Owner owner,
        SessionId session,
        long number,
        String fingerprint,
        Base base,
        LoraSpec lora,
        SortedMap<String, String> metadata,
        Optional<Letter> letter) {
    public NewRun {
        metadata = Collections.unmodifiableSortedMap(new TreeMap<>(metadata));
        if (number < 0) {
            throw new IllegalArgumentException(
                    "model_seq_id is %d; it must be at least 0".formatted(number));
        }
    }

    /// One that nobody needs to know of after this process.
    public NewRun(
            Owner owner,
            SessionId session,
            long number,
            String fingerprint,
            Base base,
            LoraSpec lora,
            SortedMap<String, String> metadata) {
        this(owner, session, number, fingerprint, base, lora, metadata, Optional.empty());
    }

    /// The same, asked with `sent`.
    public NewRun askedWith(Letter sent) {
        return new NewRun(
                owner, session, number, fingerprint, base, lora, metadata, Optional.of(sent));
    }

    /// Whom its work is put down to.
    public Subject subject() {
        return new Subject(owner, session.value(), id().value(), base.name());
    }

    /// Its name.
    public RunId id() {
        return session.run(number);
    }
}
