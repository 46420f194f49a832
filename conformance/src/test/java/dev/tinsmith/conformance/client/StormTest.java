package dev.tinsmith.conformance.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/// A server that is killed while a client trains, samples and saves. The client, which is never
/// restarted, gets what it would have got, to the bit, and sees no error.
///
/// `-Dstorm.kills=20` makes it a longer storm, `-Dstorm.seed=…` another one.
class StormTest {
    private static final int KILLS = Integer.getInteger("storm.kills", 3);
    private static final long SEED = Long.getLong("storm.seed", 1);

    @RegisterExtension static final Stage STAGE = Stage.tiny("storm");

    @Test
    void aClientSeesNothingOfAServerThatIsKilled() {
        Verdict calm = STAGE.play("trained", Duration.ofMinutes(5));
        Verdict stormy =
                STAGE.playInStorm(
                        "trained",
                        KILLS,
                        Duration.ofMillis(1500),
                        new Random(SEED),
                        Duration.ofMinutes(10));
        assertThat(stormy.facts()).isEqualTo(calm.facts());
    }
}
