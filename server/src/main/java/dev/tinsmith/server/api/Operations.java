package dev.tinsmith.server.api;

import dev.tinsmith.protocol.Training.Address;
import dev.tinsmith.protocol.codec.Json;
import dev.tinsmith.protocol.codec.MalformedException;
import dev.tinsmith.server.auth.Caller;
import dev.tinsmith.server.future.MissingException;
import dev.tinsmith.server.http.Refusal;
import dev.tinsmith.server.run.Run;
import dev.tinsmith.server.run.Runs;
import dev.tinsmith.server.wire.Names;
import java.util.function.Supplier;

/// Requests that take a number in the line of a run. A client counts on after a refusal, so the run
/// must hear of the number that was refused, or it would wait for it for ever.
final class Operations {
    private final Runs runs;

    Operations(Runs runs) {
        this.runs = runs;
    }

    /// The caller's run of this name.
    Run run(String id) {
        return runs.ownedBy(Caller.current().owner(), Names.runId(id));
    }

    /// What `submitting` gives; if it refuses, the number that `body` has is counted as seen.
    <T> T numbered(byte[] body, Supplier<T> submitting) {
        return numbered(() -> Json.read(body, Address.class), submitting);
    }

    <T> T numbered(Supplier<Address> address, Supplier<T> submitting) {
        try {
            return submitting.get();
        } catch (Refusal refusal) {
            refused(address, refusal.reason());
            throw refusal;
        } catch (MalformedException malformed) {
            refused(address, malformed.reason());
            throw malformed;
        }
    }

    private void refused(Supplier<Address> address, String reason) {
        try {
            Address at = address.get();
            run(at.modelId()).lane().reject(at.seqId(), reason);
        } catch (MalformedException | MissingException | Refusal _) {
            // Without a number or a run of the caller's there is no line to hold up.
        }
    }
}
