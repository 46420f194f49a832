package dev.tinsmith.server.rest;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tinsmith.server.http.Refusal;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;

class SignaturesTest {
    private static final Instant NOON = Instant.parse("2026-01-01T12:00:00Z");

    private Instant now = NOON;
    private final InstantSource clock = () -> now;
    private final Signatures signatures = new Signatures(clock);

    @Test
    void whatWasSignedPassesUntilItExpires() {
        String[] parts = signed("/files/a", NOON.plusSeconds(60));

        assertThatCode(() -> signatures.check("/files/a", parts[0], parts[1]))
                .doesNotThrowAnyException();
        now = NOON.plusSeconds(61);
        assertRefused("/files/a", parts[0], parts[1], "this address has expired");
    }

    @Test
    void anotherPathAnotherTimeOrAnotherServerDoesNotPass() {
        String[] parts = signed("/files/a", NOON.plusSeconds(60));

        assertRefused("/files/b", parts[0], parts[1], "this address was not given out");
        assertRefused(
                "/files/a",
                Long.toString(NOON.plusSeconds(99).getEpochSecond()),
                parts[1],
                "this address was not given out");
        assertRefused("/files/a", "soon", parts[1], "this address was not given out");
        assertRefused("/files/a", parts[0], "", "this address was not given out");
        String[] others = new Signatures(clock).sign("/files/a", NOON).split("[=&]", -1);
        assertRefused("/files/a", others[1], others[3], "this address was not given out");
    }

    private String[] signed(String path, Instant expires) {
        String[] parts = signatures.sign(path, expires).split("[=&]", -1);
        return new String[] {parts[1], parts[3]};
    }

    private void assertRefused(String path, String expires, String signature, String sentence) {
        assertThatExceptionOfType(Refusal.class)
                .isThrownBy(() -> signatures.check(path, expires, signature))
                .withMessageStartingWith(sentence)
                .matches(refusal -> refusal.status() == 403);
    }
}
