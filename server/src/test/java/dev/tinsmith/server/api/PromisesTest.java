package dev.tinsmith.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinsmith.protocol.Futures.Retrieve;
import dev.tinsmith.server.auth.Caller;
import dev.tinsmith.server.future.Answer;
import dev.tinsmith.server.future.Archive;
import dev.tinsmith.server.future.FutureId;
import dev.tinsmith.server.future.FutureState;
import dev.tinsmith.server.future.Futures;
import dev.tinsmith.server.future.Retention;
import dev.tinsmith.server.future.Terms;
import dev.tinsmith.server.http.Reply;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PromisesTest {
    private static final Caller CALLER = new Caller("ann");
    private static final FutureId ID = new FutureId("s:sample:0:0");

    private final Futures futures =
            new Futures(
                    InstantSource.system(), Retention.of(Duration.ofMinutes(1)), Archive.none());
    private final Promises promises = new Promises(futures, Duration.ZERO);

    private void keep(int bytes) {
        boolean _ = futures.promise(ID, Terms.of(CALLER.owner()));
        futures.settle(ID, new FutureState.Told(new Answer(Answer.Form.SAMPLED, new byte[bytes])));
    }

    private Reply fetched(boolean announced) {
        Asked asked =
                Asked.post(
                                "/api/v1/retrieve_future",
                                new Retrieve(ID.value(), Optional.of(announced)))
                        .withHeader("Accept", "application/x-protobuf");
        return CALLER.during(() -> promises.retrieve(asked));
    }

    @Test
    void aSmallResultIsSentAtOnce() {
        keep(1000);

        assertThat(fetched(true).bytes()).isEqualTo(1000);
    }

    @Test
    void aLargeResultIsAnnouncedAndThenSentAsItWasWritten() {
        keep(1 << 20);

        assertThat(fetched(true).contentType()).isEqualTo("application/json");
        assertThat(fetched(false).bytes()).isEqualTo(1 << 20);
    }
}
