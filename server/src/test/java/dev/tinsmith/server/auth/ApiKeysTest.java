package dev.tinsmith.server.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinsmith.server.future.Owner;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ApiKeysTest {
    @TempDir private Path data;

    private String key() throws Exception {
        return Files.readString(data.resolve("admin.key")).strip();
    }

    @Test
    void theFirstStartMakesAKeyThatOnlyItsOwnerReads() throws Exception {
        ApiKeys keys = ApiKeys.open(data);

        assertThat(key()).matches("tml-[0-9a-f]{64}");
        assertThat(Files.getPosixFilePermissions(data.resolve("admin.key")))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(keys.authenticate(Optional.of(key()))).isEqualTo(new Caller("admin"));
        assertThat(data.toFile().list()).containsExactly("admin.key");
    }

    @Test
    void laterStartsKnowTheSameKey() throws Exception {
        ApiKeys.open(data);
        String first = key();
        ApiKeys again = ApiKeys.open(data);

        assertThat(key()).isEqualTo(first);
        assertThat(again.authenticate(Optional.of(first)).keyId()).isEqualTo("admin");
    }

    @Test
    void theDataDirectoryIsMadeIfNeedBe() {
        ApiKeys.open(data.resolve("a/b"));

        assertThat(data.resolve("a/b/admin.key")).isRegularFile();
    }

    @Test
    void aMissingKeyIsRefusedAndSaysHowToSetOne() {
        ApiKeys keys = ApiKeys.open(data);

        assertThatThrownBy(() -> keys.authenticate(Optional.empty()))
                .isInstanceOfSatisfying(
                        UnauthorizedException.class,
                        refused ->
                                assertThat(refused.reason())
                                        .contains("X-API-Key", "missing", "TINKER_API_KEY"));
    }

    @Test
    void aWrongKeyIsRefusedAndNeverRepeated() throws Exception {
        ApiKeys keys = ApiKeys.open(data);
        String wrong = key().substring(0, 20) + "x";

        assertThatThrownBy(() -> keys.authenticate(Optional.of(wrong)))
                .isInstanceOfSatisfying(
                        UnauthorizedException.class,
                        refused ->
                                assertThat(refused.reason())
                                        .contains("TINKER_API_KEY")
                                        .doesNotContain(wrong, data.toString()));
    }

    @Test
    void aFileWithoutAKeyStopsTheStart() throws Exception {
        Files.writeString(data.resolve("admin.key"), "tml-\n");

        assertThatThrownBy(() -> ApiKeys.open(data))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("admin.key holds no key")
                .hasMessageContaining("delete it");
    }

    @Test
    void whoAsksIsKnownDuringTheRequestAndNotOutside() {
        Caller caller = new Caller("admin");

        assertThat(caller.during(Caller::current)).isEqualTo(caller);
        assertThat(caller.owner()).isEqualTo(new Owner("admin"));
        assertThatThrownBy(Caller::current).isInstanceOf(IllegalStateException.class);
    }
}
