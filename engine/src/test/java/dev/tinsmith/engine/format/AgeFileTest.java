package dev.tinsmith.engine.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What only the real reader can say, that it reads our files, the conformance tests ask it.
class AgeFileTest {
    private static final AgeRecipient READER =
            AgeRecipient.parse("age1pma8txctfpty74tg3ys0sr33s8na8twx6rfp75vrnn4n36h6as2ql9zjmz");

    @TempDir private Path folder = Path.of("");

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 65535, 65536, 65537, 131072, 200000})
    void aFileGrowsByItsHeaderAndATagAChunk(int size) throws IOException {
        byte[] file = encrypted(size, List.of(READER));

        int header = headerLength(file);
        int chunks = Math.max(1, (size + 65535) / 65536);
        assertThat(file).hasSize(header + 16 + size + 16 * chunks);
    }

    @Test
    void theHeaderHasAStanzaForEachReader() throws IOException {
        byte[] file = encrypted(10, List.of(READER, READER));
        String header = new String(file, 0, headerLength(file), StandardCharsets.US_ASCII);

        assertThat(header.lines().toList())
                .hasSize(6)
                .startsWith("age-encryption.org/v1")
                .satisfies(lines -> assertThat(lines.get(1)).matches("-> X25519 [\\w+/]{43}"))
                .satisfies(lines -> assertThat(lines.get(2)).matches("[\\w+/]{43}"))
                .satisfies(lines -> assertThat(lines.get(5)).matches("--- [\\w+/]{43}"));
    }

    @Test
    void theSameFileIsNeverEncryptedTheSameWayTwice() throws IOException {
        assertThat(encrypted(100, List.of(READER))).isNotEqualTo(encrypted(100, List.of(READER)));
    }

    @Test
    void nothingOfThePlainFileShows() throws IOException {
        Path plain = folder.resolve("plain");
        Files.writeString(plain, "attack at dawn".repeat(100));
        Path into = folder.resolve("into");
        AgeFile.encrypt(plain, into, List.of(READER));

        assertThat(Files.readString(into, StandardCharsets.ISO_8859_1)).doesNotContain("attack");
    }

    @Test
    void aRecipientIsReadAndPrintedAsItIs() {
        assertThat(READER)
                .hasToString("age1pma8txctfpty74tg3ys0sr33s8na8twx6rfp75vrnn4n36h6as2ql9zjmz")
                .isEqualTo(AgeRecipient.parse(READER.toString()));
        assertThat(READER.key()).hasSize(32);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "age1",
                "age1qqqq",
                "ssh-ed25519 AAAA",
                "age1pma8txctfpty74tg3ys0sr33s8na8twx6rfp75vrnn4n36h6as2ql9zjmq",
                "AGE1PMA8TXCTFPTY74TG3YS0SR33S8NA8TWX6RFP75VRNN4N36H6AS2QL9ZJMZ",
                "aga1pma8txctfpty74tg3ys0sr33s8na8twx6rfp75vrnn4n36h6as2ql9zjmz",
                "age1yubikey1q2w7u3vpya839jxxuq8g0sedh3d740d4xvn639sqhr95ejj8vu3hyfumptt"
            })
    void anythingElseIsNoRecipient(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> AgeRecipient.parse(text))
                .withMessageContaining("is no age recipient");
    }

    private byte[] encrypted(int size, List<AgeRecipient> readers) throws IOException {
        byte[] bytes = new byte[size];
        new Random(size).nextBytes(bytes);
        Path plain = folder.resolve("plain");
        Path into = folder.resolve("into");
        Files.write(plain, bytes);
        AgeFile.encrypt(plain, into, readers);
        return Files.readAllBytes(into);
    }

    /// Up to the end of the line that begins with `---`.
    private static int headerLength(byte[] file) {
        String text = StandardCharsets.ISO_8859_1.decode(ByteBuffer.wrap(file)).toString();
        return text.indexOf('\n', text.indexOf("\n---") + 1) + 1;
    }
}
