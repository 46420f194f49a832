package dev.tinsmith.server.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinsmith.engine.Outcome;
import dev.tinsmith.protocol.Futures.Retrieve;
import dev.tinsmith.server.auth.Caller;
import dev.tinsmith.server.future.FutureId;
import dev.tinsmith.server.future.FutureState;
import dev.tinsmith.server.future.Futures;
import dev.tinsmith.server.future.Retention;
import dev.tinsmith.server.future.Terms;
import dev.tinsmith.server.http.Reply;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class PromisesTest {
    private static final Caller CALLER = new Caller("ann");
    private static final FutureId ID = new FutureId("s:sample:0:0");

    private final Futures futures =
            new Futures(InstantSource.system(), Retention.of(Duration.ofMinutes(1)));
    private final Promises promises = new Promises(futures, Duration.ZERO);
    private final AtomicInteger written = new AtomicInteger();

    private void keep(int bytes) {
        boolean _ = futures.promise(ID, Terms.of(CALLER.owner()));
        promises.remember(
                ID,
                _ -> {
                    written.incrementAndGet();
                    return Reply.protobuf(new byte[bytes]);
                });
        futures.settle(ID, new FutureState.Ready(new Outcome.Done()));
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
    void aResultIsWrittenOnceThoughItsSizeIsToldFirst() {
        keep(1000);

        assertThat(promises.size(ID, new Outcome.Done())).contains(1000L);
        assertThat(fetched(true).bytes()).isEqualTo(1000);
        assertThat(written).hasValue(1);
    }

    @Test
    void aLargeResultIsAnnouncedAndThenSentAsItWasWritten() {
        keep(1 << 20);

        assertThat(fetched(true).contentType()).isEqualTo("application/json");
        assertThat(fetched(false).bytes()).isEqualTo(1 << 20);
        assertThat(written).hasValue(1);
    }
}
