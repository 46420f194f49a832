package dev.tinsmith.engine.format;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BrokenSafetensorsTest {
    @TempDir Path folder;

    @Test
    void aFileOfNothingIsRefused() {
        refuses(RawFile.write(file(), new byte[0]), "has 0 bytes");
        refuses(RawFile.write(file(), new byte[7]), "has 7 bytes");
    }

    @Test
    void aFileCutShortIsRefused() throws Exception {
        String header = "{%s}".formatted(tensor("a", "F32", "2", 0, 8));
        byte[] whole = Files.readAllBytes(RawFile.safetensors(file(), header, 8));

        refuses(RawFile.write(file(), Arrays.copyOf(whole, whole.length - 1)), "there are 7");
        refuses(RawFile.write(file(), Arrays.copyOf(whole, 20)), "cut short");
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 100_000_001, Long.MAX_VALUE, -1, Long.MIN_VALUE})
    void aHeaderLargerThanTheFileIsRefused(long length) {
        byte[] bytes = new byte[8];
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(length);
        refuses(
                RawFile.write(file(), bytes),
                "says its header has " + Long.toUnsignedString(length) + " bytes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "not json", "{} {}", "{\"a\": }", "\u0000\u0001"})
    void aHeaderThatIsNotJsonIsRefused(String header) {
        refuses(RawFile.safetensors(file(), header, 0), "the header of w.safetensors");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "1", "\"a\"", "null"})
    void aHeaderThatIsNoObjectIsRefused(String header) {
        refuses(RawFile.safetensors(file(), header, 0), "holds no JSON object");
    }

    @Test
    void aNameThatIsThereTwiceIsRefused() {
        refuses(
                "{%s,%s}".formatted(tensor("a", "U8", "4", 0, 4), tensor("a", "U8", "4", 4, 8)),
                8,
                "Duplicate");
    }

    @ParameterizedTest
    @ValueSource(strings = {"F8_E4M3", "f32", "", "U64"})
    void aDtypeThatIsNotReadIsRefusedWithThoseThatAre(String dtype) {
        refuses(
                "{%s}".formatted(tensor("a", dtype, "1", 0, 4)),
                4,
                "stores a as '%s'; the dtypes that are read are %s"
                        .formatted(dtype, List.of(DType.values())));
    }

    @Test
    void tensorsThatOverlapAreRefused() {
        refuses(
                "{%s,%s}".formatted(tensor("a", "U8", "4", 0, 4), tensor("b", "U8", "4", 3, 7)),
                7,
                "puts b at byte 3, inside another tensor");
    }

    @Test
    void aGapIsRefused() {
        refuses("{%s}".formatted(tensor("a", "U8", "4", 1, 5)), 5, "leaves bytes 0 to 1");
        refuses("{%s}".formatted(tensor("a", "U8", "4", 0, 4)), 6, "leaves bytes 4 to 6");
    }

    @Test
    void offsetsOutsideTheFileAreRefused() {
        refuses("{%s}".formatted(tensor("a", "U8", "9", 0, 9)), 8, "to 9; there are 8");
        refuses("{%s}".formatted(tensor("a", "U8", "0", 9, 9)), 8, "there are 8");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"[4,0]", "[-4,0]", "[0]", "[0,4,8]", "[0.5,4]", "\"0\"", "{}", "[0,1e99]"})
    void offsetsThatAreNoBeginAndEndAreRefused(String offsets) {
        refuses(
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":%s}}".formatted(offsets),
                4,
                "w.safetensors");
    }

    @Test
    void aSizeThatIsWrongForTheShapeIsRefused() {
        refuses(
                "{%s}".formatted(tensor("a", "F32", "3", 0, 8)),
                8,
                "gives a 8 bytes; F32 in the shape [3] takes 12");
    }

    @Test
    void aShapeThatOverflowsIsRefused() {
        refuses(
                "{%s}".formatted(tensor("a", "F32", "4294967296,4294967296", 0, 0)),
                0,
                "more than 2^63 bytes");
        refuses("{%s}".formatted(tensor("a", "F32", "-1,-1", 0, 4)), 4, "no size may be negative");
    }

    @Test
    void metadataThatAreNoTextsAreRefused() {
        refuses("{\"__metadata__\":{\"step\":1}}", 0, "says step is no text");
        refuses("{\"__metadata__\":[]}", 0, "__metadata__");
    }

    @Test
    void aFileThatIsNotThereIsNamedWithoutItsPath() {
        Path gone = folder.resolve("gone.safetensors");
        assertThatThrownBy(() -> Safetensors.open(gone))
                .isInstanceOf(FormatException.class)
                .hasMessageStartingWith("gone.safetensors is missing");
    }

    private Path file() {
        return folder.resolve("w.safetensors");
    }

    private static String tensor(String name, String dtype, String shape, long begin, long end) {
        return "\"%s\":{\"dtype\":\"%s\",\"shape\":[%s],\"data_offsets\":[%d,%d]}"
                .formatted(name, dtype, shape, begin, end);
    }

    private void refuses(String header, int dataBytes, String words) {
        refuses(RawFile.safetensors(file(), header, dataBytes), words);
    }

    private void refuses(Path file, String words) {
        assertThatThrownBy(() -> Safetensors.open(file).close())
                .isInstanceOf(FormatException.class)
                .hasMessageContaining(words)
                .hasMessageNotContaining(folder.toString());
    }
}
