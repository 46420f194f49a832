package dev.tinsmith.server.auth;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinsmith.server.future.SteppedClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CredentialsTest {
    @TempDir private Path data;

    private final SteppedClock clock = new SteppedClock();
    private Credentials credentials;

    @BeforeEach
    void open() {
        credentials = Credentials.open(data, clock);
    }

    private Optional<String> key() throws IOException {
        return Optional.of(Files.readString(data.resolve(ApiKeys.FILE)).strip());
    }

    private Optional<String> token() throws IOException {
        return Optional.of(credentials.token(key()));
    }

    private void isRefused(Optional<String> token, String why) {
        assertThatThrownBy(() -> credentials.authenticate(token))
                .isInstanceOfSatisfying(
                        UnauthorizedException.class,
                        refused -> {
                            assertThat(refused.isToken()).isTrue();
                            assertThat(refused.reason()).contains(why);
                        });
    }

    @Test
    void aKeyIsChangedForATokenThatSaysWhoItsBearerIs() throws IOException {
        String token = token().orElseThrow();

        assertThat(credentials.authenticate(Optional.of(token))).isEqualTo(new Caller("admin"));
        assertThat(new String(Base64.getUrlDecoder().decode(token.split("\\.", -1)[1]), UTF_8))
                .contains(
                        "\"sub\":\"tml:organization_user:admin\"",
                        "\"org_id\":\"tinsmith\"",
                        "\"email\":\"admin@localhost\"");
    }

    @Test
    void aTokenLastsAnHourAndNoLonger() throws IOException {
        Optional<String> token = token();
        clock.pass(Duration.ofMinutes(59));
        assertThat(credentials.authenticate(token)).isEqualTo(new Caller("admin"));
        clock.pass(Duration.ofMinutes(1));
        isRefused(token, "expired");
    }

    @Test
    void aTokenThatIsChangedForATokenGainsNoTime() throws IOException {
        Optional<String> token = token();
        clock.pass(Duration.ofMinutes(40));
        Optional<String> second = Optional.of(credentials.token(token));
        clock.pass(Duration.ofMinutes(19));
        assertThat(credentials.authenticate(second)).isEqualTo(new Caller("admin"));
        clock.pass(Duration.ofMinutes(1));
        isRefused(second, "expired");
        assertThatThrownBy(() -> credentials.token(token))
                .isInstanceOf(UnauthorizedException.class);
    }

    @Test
    void aTokenOutlivesARestart() throws IOException {
        Optional<String> token = token();
        assertThat(Credentials.open(data, clock).authenticate(token))
                .isEqualTo(new Caller("admin"));
        assertThat(
                        PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(data.resolve(Tokens.FILE))))
                .isEqualTo("rw-------");
    }

    @Test
    void aTokenDiesWithTheKeyItWasGivenFor() throws IOException {
        Optional<String> token = token();
        Files.delete(data.resolve(ApiKeys.FILE));
        credentials = Credentials.open(data, clock);
        isRefused(token, "the key it was for is gone");
    }

    @Test
    void aForgedTokenIsRefused() throws IOException {
        String token = token().orElseThrow();
        String[] parts = token.split("\\.", -1);
        String none =
                Base64.getUrlEncoder()
                        .withoutPadding()
                        .encodeToString("{\"alg\":\"none\",\"typ\":\"JWT\"}".getBytes(UTF_8));
        String stranger = new Tokens("another secret").sign(claims(parts[1]));
        isRefused(Optional.of(parts[0] + "." + parts[1] + "."), "did not give out");
        isRefused(Optional.of(none + "." + parts[1] + "."), "did not give out");
        isRefused(Optional.of(none + "." + parts[1] + "." + parts[2]), "did not give out");
        isRefused(Optional.of(parts[0] + "." + parts[1] + "x." + parts[2]), "did not give out");
        isRefused(Optional.of(stranger), "did not give out");
        isRefused(Optional.of("eyJ"), "did not give out");
        isRefused(Optional.of("eyJ.." + token), "did not give out");
    }

    private static Claims claims(String encoded) {
        return Claims.parse(new String(Base64.getUrlDecoder().decode(encoded), UTF_8))
                .orElseThrow();
    }
}
