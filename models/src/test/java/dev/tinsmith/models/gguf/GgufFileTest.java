package dev.tinsmith.models.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinsmith.engine.format.FormatException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GgufFileTest {
    private static final int PLAIN = 0;
    private static final int Q8_0 = 8;

    @TempDir private Path folder;

    @Test
    void everyKindOfValueIsRead() throws IOException {
        GgufBytes bytes =
                new GgufBytes()
                        .entry("u8", 0, new byte[] {(byte) 200})
                        .entry("i8", 1, new byte[] {(byte) 200})
                        .entry("u16", 2, new byte[] {(byte) 0xFF, (byte) 0xFF})
                        .entry("i16", 3, new byte[] {(byte) 0xFF, (byte) 0xFF})
                        .entry("u32", 4, GgufBytes.integer(-1))
                        .entry("i32", 5, GgufBytes.integer(-1))
                        .real("f32", 1e-5f)
                        .flag("bool", true)
                        .text("text", "é")
                        .entry("u64", 10, GgufBytes.wide(7))
                        .entry("i64", 11, GgufBytes.wide(-7))
                        .entry("f64", 12, GgufBytes.wide(Double.doubleToRawLongBits(0.1)))
                        .entry("nested", 9, nested(2));
        try (GgufFile file = GgufFile.open(bytes.write(folder.resolve("m.gguf")))) {
            assertThat(file.metadata().values())
                    .containsEntry("u8", new GgufValue.Whole(200))
                    .containsEntry("i8", new GgufValue.Whole(-56))
                    .containsEntry("u16", new GgufValue.Whole(65535))
                    .containsEntry("i16", new GgufValue.Whole(-1))
                    .containsEntry("u32", new GgufValue.Whole(4294967295L))
                    .containsEntry("i32", new GgufValue.Whole(-1))
                    .containsEntry("f32", new GgufValue.Real(1e-5))
                    .containsEntry("bool", new GgufValue.Flag(true))
                    .containsEntry("text", new GgufValue.Text("é"))
                    .containsEntry("u64", new GgufValue.Whole(7))
                    .containsEntry("i64", new GgufValue.Whole(-7))
                    .containsEntry("f64", new GgufValue.Real(0.1))
                    .containsEntry(
                            "nested",
                            new GgufValue.Row(
                                    List.of(new GgufValue.Row(List.of(new GgufValue.Text("x"))))));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3})
    void tensorsAreFoundWithTheirRows(int version) throws IOException {
        try (GgufFile file =
                GgufFile.open(small().version(version).write(folder.resolve("m.gguf")))) {
            GgufTensor b = file.tensor("b").orElseThrow();
            float[] row = new float[3];
            b.read(1, row);

            assertThat(file.tensors().keySet()).containsExactly("a", "b");
            assertThat(b.shape()).containsExactly(2L, 3L);
            assertThat(row).containsExactly(4, 5, 6);
        }
    }

    @Test
    void aFileCutShortAnywhereIsRefusedByName() throws IOException {
        byte[] whole = small().text("k", "v").toBytes();
        for (int length = 0; length < whole.length - 8; length++) {
            Path file = Files.write(folder.resolve("m.gguf"), Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> GgufFile.open(file).close())
                    .as("%d of %d bytes", length, whole.length)
                    .isInstanceOf(FormatException.class)
                    .hasMessageStartingWith("m.gguf ")
                    .hasMessageNotContaining(folder.toString());
        }
    }

    @Test
    void aFileWithAnyByteChangedIsReadOrRefused() throws IOException {
        byte[] whole = small().text("k", "v").integers("n", List.of(1, 2)).toBytes();
        Random random = new Random(1);
        for (int round = 0; round < 3_000; round++) {
            byte[] changed = whole.clone();
            changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
            Path file = Files.write(folder.resolve("m.gguf"), changed);
            try (GgufFile read = GgufFile.open(file)) {
                read.tensors().values().forEach(tensor -> tensor.read(0, new float[4096]));
            } catch (FormatException refused) {
                assertThat(refused).hasMessageStartingWith("m.gguf ");
            }
        }
    }

    @Test
    void anotherFormatIsRefused() throws IOException {
        Files.writeString(folder.resolve("m.gguf"), "PK\3\4 something else");

        refused("m.gguf is not a GGUF file; its first bytes are not 'GGUF'");
    }

    @Test
    void aMissingFileIsRefused() {
        refused("m.gguf cannot be read (NoSuchFileException)");
    }

    @Test
    void otherVersionsAreRefused() throws IOException {
        small().version(1).write(folder.resolve("m.gguf"));
        refused("m.gguf is GGUF version 1; versions 2 and 3 are read, convert the model again");

        small().version(3 << 24).write(folder.resolve("m.gguf"));
        assertThatThrownBy(() -> GgufFile.open(folder.resolve("m.gguf")).close())
                .hasMessageContaining("(big-endian)");
    }

    @Test
    void countsLargerThanTheFileAreRefused() throws IOException {
        small().counts(1L << 40, 0).write(folder.resolve("m.gguf"));
        refused(
                "m.gguf counts its tensors as 1099511627776, more than the file can hold; it is"
                        + " broken or cut short, download it again");

        small().counts(0, -1).write(folder.resolve("m.gguf"));
        assertThatThrownBy(() -> GgufFile.open(folder.resolve("m.gguf")).close())
                .hasMessageStartingWith("m.gguf counts its metadata as 18446744073709551615, more");

        new GgufBytes()
                .entry("k", GgufBytes.STRING, GgufBytes.wide(1_000_000))
                .write(folder.resolve("m.gguf"));
        assertThatThrownBy(() -> GgufFile.open(folder.resolve("m.gguf")).close())
                .hasMessageStartingWith("m.gguf counts the bytes of k as 1000000, more");
    }

    @Test
    void aValueOfAnUnknownTypeIsRefused() throws IOException {
        new GgufBytes().entry("k", 13, new byte[8]).write(folder.resolve("m.gguf"));

        refused("m.gguf gives k the unknown type 13; it is broken or newer than what is read here");
    }

    @Test
    void arraysInArraysInArraysHaveABottom() throws IOException {
        new GgufBytes().entry("k", GgufBytes.ARRAY, nested(6)).write(folder.resolve("m.gguf"));

        refused("m.gguf nests the arrays of k deeper than 4; it is broken, download it again");
    }

    @Test
    void whatIsSaidTwiceIsRefused() throws IOException {
        new GgufBytes().integer("k", 1).integer("k", 1).write(folder.resolve("m.gguf"));
        refused("m.gguf says k twice; it is broken, download it or convert the model again");

        byte[] four = GgufBytes.floats(1, 2, 3, 4);
        new GgufBytes()
                .tensor("a", PLAIN, List.of(4L), four)
                .tensor("a", PLAIN, List.of(4L), four)
                .write(folder.resolve("m.gguf"));
        refused(
                "m.gguf has two tensors called a; it is broken, download it or convert the model"
                        + " again");
    }

    @Test
    void aTensorTypeThatIsNotReadIsNamed() throws IOException {
        small().tensor("c", 10, List.of(256L), new byte[84]).write(folder.resolve("m.gguf"));

        refused(
                "m.gguf stores tensor c as Q2_K, which is not read; quantise the model to one of"
                        + " [F32, F16, BF16, Q4_0, Q4_1, Q5_0, Q5_1, Q8_0, Q4_K, Q5_K, Q6_K]");
    }

    @Test
    void tensorsOutsideTheFileOrOverEachOtherAreRefused() throws IOException {
        small().tensor("c", PLAIN, List.of(4L), 1L << 40, new byte[16])
                .write(folder.resolve("m.gguf"));
        refused("m.gguf ends before the end of tensor c; it is cut short, download it again");

        small().tensor("c", PLAIN, List.of(4L), 0, new byte[16]).write(folder.resolve("m.gguf"));
        assertThatThrownBy(() -> GgufFile.open(folder.resolve("m.gguf")).close())
                .hasMessageMatching("m.gguf puts tensor [ac] over [ac]; .*");

        small().tensor("c", PLAIN, List.of(4L), 36, new byte[16]).write(folder.resolve("m.gguf"));
        assertThatThrownBy(() -> GgufFile.open(folder.resolve("m.gguf")).close())
                .hasMessageStartingWith(
                        "m.gguf puts tensor c at 36, which is not a multiple of 32");
    }

    @Test
    void shapesThatCannotBeAreRefused() throws IOException {
        for (List<Long> shape :
                List.of(
                        List.of(31L),
                        List.of(0L),
                        List.of(-32L),
                        List.of(32L, Long.MAX_VALUE),
                        List.of(32L, 1L, 1L, 1L, 1L))) {
            new GgufBytes().tensor("a", Q8_0, shape, new byte[34]).write(folder.resolve("m.gguf"));
            assertThatThrownBy(() -> GgufFile.open(folder.resolve("m.gguf")).close())
                    .as("%s", shape)
                    .isInstanceOf(FormatException.class)
                    .hasMessageStartingWith("m.gguf gives tensor a ");
        }
    }

    @Test
    void anAlignmentThatIsNoPowerOfTwoIsRefused() throws IOException {
        new GgufBytes().integer("general.alignment", 48).write(folder.resolve("m.gguf"));

        refused("m.gguf says general.alignment is 48; it must be a power of two");
    }

    @Test
    void aKeyOfTheWrongKindIsRefusedByName() throws IOException {
        small().text("k", "v")
                .integers("row", List.of(3, 3))
                .integers("mixed", List.of(1, 2))
                .real("nan", Float.NaN)
                .write(folder.resolve("m.gguf"));
        try (GgufFile file = GgufFile.open(folder.resolve("m.gguf"))) {
            GgufMetadata said = file.metadata();

            assertThat(said.integer("row")).isEqualTo(3);
            assertThatThrownBy(() -> said.integer("k"))
                    .hasMessage(
                            "m.gguf says something for k that is not one whole number below 2^31;"
                                    + " convert the model to GGUF again");
            assertThatThrownBy(() -> said.integer("mixed")).isInstanceOf(FormatException.class);
            assertThatThrownBy(() -> said.text("row")).isInstanceOf(FormatException.class);
            assertThatThrownBy(() -> said.flag("k", true)).isInstanceOf(FormatException.class);
            assertThatThrownBy(() -> said.texts("k")).isInstanceOf(FormatException.class);
            assertThatThrownBy(() -> said.real("nan"))
                    .hasMessageContaining("is not a finite number");
            assertThatThrownBy(() -> said.real("nothing"))
                    .hasMessage("m.gguf does not say nothing; convert the model to GGUF again");
        }
    }

    private void refused(String message) {
        assertThatThrownBy(() -> GgufFile.open(folder.resolve("m.gguf")).close())
                .isInstanceOf(FormatException.class)
                .hasMessage(message);
    }

    private static GgufBytes small() {
        return new GgufBytes()
                .tensor("a", PLAIN, List.of(4L), GgufBytes.floats(1, 2, 3, 4))
                .tensor("b", PLAIN, List.of(3L, 2L), GgufBytes.floats(1, 2, 3, 4, 5, 6));
    }

    private static byte[] nested(int depth) {
        ByteArrayOutputStream value = new ByteArrayOutputStream();
        for (int i = 1; i < depth; i++) {
            value.writeBytes(GgufBytes.integer(GgufBytes.ARRAY));
            value.writeBytes(GgufBytes.wide(1));
        }
        value.writeBytes(GgufBytes.array(GgufBytes.STRING, List.of(GgufBytes.text("x"))));
        return value.toByteArray();
    }
}
