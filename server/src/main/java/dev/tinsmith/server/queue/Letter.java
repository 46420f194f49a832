package dev.tinsmith.server.queue;

import dev.tinsmith.server.future.Owner;
import dev.tinsmith.server.future.Telling;
import dev.tinsmith.server.journal.Entry;
import dev.tinsmith.server.journal.Verb;

/// A request as it came, so that it can be read again after a restart; and how its outcome is told.
public final class Letter {
    private final Verb verb;
    private byte[] body;
    private final Telling telling;

    /// @param verb who reads the body again
    /// @param body nobody changes it afterwards
    public Letter(Verb verb, byte[] body, Telling telling) {
        this.verb = verb;
        this.body = body;
        this.telling = telling;
    }

    /// How its outcome is told.
    public Telling telling() {
        return telling;
    }

    /// As it is written; to be asked once: nobody needs the body in memory after that.
    public synchronized Entry entry(Owner owner, String line, long sequence, String fingerprint) {
        Entry entry = Entry.of(verb, owner.value(), line, sequence, fingerprint, body);
        body = new byte[0];
        return entry;
    }
}
