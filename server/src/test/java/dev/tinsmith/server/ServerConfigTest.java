package dev.tinsmith.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tinsmith.server.api.ClientFlags;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ServerConfigTest {
    /// Written out so that changing a default is a change to a test, and is seen.
    @Test
    void theDefaultsAreThese() {
        assertThat(ServerConfig.defaults())
                .isEqualTo(
                        new ServerConfig(
                                "127.0.0.1",
                                8000,
                                Path.of("data"),
                                Duration.ofMinutes(5),
                                Duration.ofMinutes(10),
                                Duration.ofSeconds(30),
                                Duration.ofHours(1),
                                33_554_432,
                                2048,
                                ClientFlags.DEFAULT,
                                Duration.ofHours(2),
                                Optional.empty(),
                                true));
    }

    @Test
    void aPollThatOutlastsTheClientsPatienceIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new ServerConfig(
                                "127.0.0.1",
                                8000,
                                Path.of("data"),
                                Duration.ofMinutes(5),
                                Duration.ofMinutes(10),
                                Duration.ofSeconds(45),
                                Duration.ofHours(1),
                                33_554_432,
                                2048,
                                ClientFlags.DEFAULT,
                                Duration.ofHours(2),
                                Optional.empty(),
                                true))
                .withMessage("longPoll in seconds is 45; it must be 0 to 40");
    }
}
