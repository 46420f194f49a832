package dev.tinsmith.cli.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.tinsmith.cli.terminal.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SettingsTest {
    private static final Map<String, String> NOTHING = Map.of();

    @TempDir private Path folder = Path.of("");

    /// Written out so that changing a default is a change to a test, and is seen.
    @Test
    void theDefaultsAreThese() {
        Settings settings = Settings.of(Map.of(), NOTHING);

        assertThat(settings.text(Setting.DATA)).isEqualTo("./data");
        assertThat(settings.text(Setting.HOST)).isEqualTo("127.0.0.1");
        assertThat(settings.integer(Setting.PORT, 0, 65535)).isEqualTo(8000);
        assertThat(settings.all(Setting.MODEL)).isEmpty();
        assertThat(settings.text(Setting.DEVICE)).isEqualTo("cpu");
        assertThat(settings.text(Setting.DTYPE)).isEqualTo("auto");
        assertThat(settings.text(Setting.THREADS)).isEqualTo("0");
        assertThat(settings.text(Setting.PASS_TOKENS)).isEqualTo("512");
        assertThat(settings.text(Setting.PROMPT_CACHE)).isEqualTo("256");
        assertThat(settings.text(Setting.EXTERNAL_URL)).isEmpty();
        assertThat(settings.time(Setting.SESSION_TIMEOUT)).isEqualTo(Duration.ofMinutes(5));
        assertThat(settings.text(Setting.QUEUED_SAMPLES)).isEqualTo("2000");
        assertThat(settings.text(Setting.MAX_BODY)).isEqualTo("32");
    }

    @Test
    void aFlagOutweighsTheEnvironmentWhichOutweighsTheFile() throws IOException {
        String file = file("host: from-file\nport: 1\nthreads: 3\n");
        Settings settings =
                Settings.of(
                        Map.of(Setting.HOST, List.of("from-flag")),
                        Map.of(
                                "TINSMITH_CONFIG", file,
                                "TINSMITH_HOST", "from-environment",
                                "TINSMITH_PORT", "2"));

        assertThat(settings.text(Setting.HOST)).isEqualTo("from-flag");
        assertThat(settings.text(Setting.PORT)).isEqualTo("2");
        assertThat(settings.text(Setting.THREADS)).isEqualTo("3");
    }

    @Test
    void modelsMayBeAList() throws IOException {
        String file = file("model:\n  - a/b=/x\n  - c/d=/y\n");

        assertThat(configured(file).all(Setting.MODEL)).containsExactly("a/b=/x", "c/d=/y");
    }

    @Test
    void aMisspeltKeyStopsTheServerWithTheNearestOne() throws IOException {
        String file = file("prot: 8000\n");

        assertRefused(() -> configured(file), "'prot' in tinsmith.yaml is no setting", "'port'");
    }

    @Test
    void aMisspeltVariableDoesToo() {
        assertRefused(
                () -> Settings.of(Map.of(), Map.of("TINSMITH_DATTA", "x")),
                "'TINSMITH_DATTA' in the environment",
                "'data'");
    }

    @Test
    void theLaunchersVariablesAreNoSettings() {
        assertThat(Settings.of(Map.of(), Map.of("TINSMITH_HEAP", "2g")).all(Setting.DATA))
                .isEmpty();
    }

    @Test
    void aFileThatIsNoYamlIsRefusedWithItsLine() throws IOException {
        String file = file("host: x\n  port: [1\n");

        assertRefused(() -> configured(file), "tinsmith.yaml is no YAML at line");
    }

    @Test
    void anEmptyFileSetsNothing() throws IOException {
        assertThat(configured(file("")).text(Setting.PORT)).isEqualTo("8000");
    }

    @Test
    void aFileThatIsNotThereIsRefused() {
        assertRefused(() -> configured(folder.resolve("none.yaml").toString()), "cannot be read");
    }

    @ParameterizedTest
    @CsvSource({"eight", "-1", "65536", "''", "8.5"})
    void aPortIsAWholeNumberInItsRange(String port) {
        Settings settings = Settings.of(Map.of(Setting.PORT, List.of(port)), NOTHING);

        assertRefused(
                () -> settings.integer(Setting.PORT, 0, 65535),
                "port is '" + port + "'; it must be a whole number from 0 to 65535");
    }

    @ParameterizedTest
    @CsvSource({"90s, PT90S", "5m, PT5M", "2h, PT2H", "7d, PT168H"})
    void aTimeIsANumberAndAUnit(String text, Duration time) {
        assertThat(timeout(text).time(Setting.SESSION_TIMEOUT)).isEqualTo(time);
    }

    @ParameterizedTest
    @CsvSource({"5", "m", "5 minutes", "-5m"})
    void anythingElseIsNoTime(String text) {
        assertRefused(() -> timeout(text).time(Setting.SESSION_TIMEOUT), "such as 90s, 5m");
    }

    @Test
    void aChoiceIsOneOfThoseThereAre() {
        Settings settings = Settings.of(Map.of(Setting.DTYPE, List.of("int4")), NOTHING);

        assertRefused(
                () -> settings.choice(Setting.DTYPE, "auto", "bf16", "fp32"),
                "dtype is 'int4'; it must be one of auto, bf16, fp32");
    }

    @Test
    void everySettingHasItsRowInTheDocumentation() throws IOException {
        String page = Files.readString(Path.of("../docs/configuration.md"));
        for (Setting setting : Setting.values()) {
            String fallback = setting.fallback().isEmpty() ? "–" : "`" + setting.fallback() + "`";
            assertThat(page)
                    .contains(
                            "| `--%s %s` | `%s` | `%s` | %s | %s |"
                                    .formatted(
                                            setting.key(),
                                            setting.parameter().replace("|", "\\|"),
                                            setting.key(),
                                            setting.variable(),
                                            fallback,
                                            setting.description()));
        }
    }

    private static Settings configured(String file) {
        return Settings.of(Map.of(Setting.CONFIG, List.of(file)), NOTHING);
    }

    private static Settings timeout(String text) {
        return Settings.of(Map.of(Setting.SESSION_TIMEOUT, List.of(text)), NOTHING);
    }

    private String file(String text) throws IOException {
        Path file = folder.resolve("tinsmith.yaml");
        Files.writeString(file, text);
        return file.toString();
    }

    private static void assertRefused(ThrowingCallable call, String... words) {
        assertThatExceptionOfType(Refusal.class)
                .isThrownBy(call)
                .satisfies(refusal -> assertThat(refusal.sentence()).contains(words));
    }
}
