package dev.tinsmith.engine.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsTest {
    @TempDir Path folder;

    @Test
    void whatIsWrittenIsRead() {
        Path file = folder.resolve("w.safetensors");
        TensorSpec wide = new TensorSpec("wide", DType.F32, List.of(2L, 3L));
        TensorSpec narrow = new TensorSpec("narrow", DType.BF16, List.of(2L));
        TensorSpec none = new TensorSpec("none", DType.F16, List.of(0L, 7L));
        TensorSpec one = new TensorSpec("one", DType.I64, List.of());
        Safetensors.write(
                file,
                Map.of("format", "pt"),
                List.of(
                        entry(narrow, (short) 0x3F80, (short) 0xC000),
                        entry(wide, 1, 2, 3, 4, 5, 6),
                        new Safetensors.Entry(none, MemorySegment.ofArray(new byte[0])),
                        new Safetensors.Entry(one, MemorySegment.ofArray(new byte[8]))));

        try (Safetensors read = Safetensors.open(file)) {
            assertThat(read.tensors().values()).containsExactly(narrow, none, one, wide);
            assertThat(read.metadata()).isEqualTo(Map.of("format", "pt"));
            assertThat(read.floats("wide")).containsExactly(1, 2, 3, 4, 5, 6);
            assertThat(read.floats("narrow")).containsExactly(1, -2);
            assertThat(read.floats("none")).isEmpty();
            assertThat(read.data("one").byteSize()).isEqualTo(8);
        }
    }

    @Test
    void theHeaderIsPaddedAndWiderNumbersComeFirst() throws Exception {
        Path file = folder.resolve("w.safetensors");
        Safetensors.write(
                file,
                Map.of(),
                List.of(
                        entry(new TensorSpec("b", DType.F16, List.of(1L)), (short) 0),
                        entry(new TensorSpec("a", DType.F32, List.of(1L)), 0)));

        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        long length = bytes.getLong();
        assertThat(length % 8).isZero();
        assertThat(bytes.capacity()).isEqualTo(8 + length + 6);
        assertThat(new String(bytes.array(), 8, (int) length, StandardCharsets.UTF_8).strip())
                .isEqualTo(
                        """
                        {"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},\
                        "b":{"dtype":"F16","shape":[1],"data_offsets":[4,6]}}\
                        """);
    }

    @Test
    void everyHalfIsWidenedAsTheJdkSays() {
        short[] halves = {0, (short) 0x8000, 0x3C00, 0x0001, 0x7BFF, 0x7C00, (short) 0xFC00};
        Path file = folder.resolve("w.safetensors");
        Safetensors.write(
                file,
                Map.of(),
                List.of(entry(new TensorSpec("h", DType.F16, List.of(7L)), halves)));

        try (Safetensors read = Safetensors.open(file)) {
            assertThat(read.floats("h"))
                    .containsExactly(
                            0f,
                            -0f,
                            1f,
                            0x1p-24f,
                            65504f,
                            Float.POSITIVE_INFINITY,
                            Float.NEGATIVE_INFINITY);
        }
    }

    @Test
    void numbersAtOddAddressesAreRead() {
        Path file =
                RawFile.safetensors(
                        folder.resolve("odd.safetensors"),
                        "{\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},"
                                + "\"f\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[1,5]}}",
                        5);

        try (Safetensors read = Safetensors.open(file)) {
            assertThat(read.floats("f")).containsExactly(Float.intBitsToFloat(0x04030201));
        }
    }

    @Test
    void dataIsReadOnly() {
        Path file = folder.resolve("w.safetensors");
        Safetensors.write(
                file, Map.of(), List.of(entry(new TensorSpec("a", DType.F32, List.of(1L)), 1)));

        try (Safetensors read = Safetensors.open(file)) {
            MemorySegment data = read.data("a");
            assertThat(data.isReadOnly()).isTrue();
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> data.set(ValueLayout.JAVA_BYTE, 0, (byte) 1));
        }
    }

    @Test
    void aTensorThatIsNotThereIsNamed() {
        Path file = RawFile.safetensors(folder.resolve("w.safetensors"), "{}", 0);
        try (Safetensors read = Safetensors.open(file)) {
            assertThatThrownBy(() -> read.floats("gone"))
                    .isInstanceOf(FormatException.class)
                    .hasMessageContaining("w.safetensors holds no tensor gone");
        }
    }

    @Test
    void wholeNumbersAreNoWeights() {
        Path file =
                RawFile.safetensors(
                        folder.resolve("w.safetensors"),
                        "{\"i\":{\"dtype\":\"I8\",\"shape\":[2],\"data_offsets\":[0,2]}}",
                        2);
        try (Safetensors read = Safetensors.open(file)) {
            assertThatThrownBy(() -> read.floats("i"))
                    .isInstanceOf(FormatException.class)
                    .hasMessageContaining("stores i as I8");
        }
    }

    @Test
    void aFileThatExistsIsNotOverwritten() {
        Path file = RawFile.text(folder.resolve("w.safetensors"), "precious");
        assertThatThrownBy(() -> Safetensors.write(file, Map.of(), List.of()))
                .isInstanceOf(UncheckedIOException.class);
        assertThat(file).hasContent("precious");
    }

    @Test
    void twoTensorsOfOneNameAreNotWritten() {
        Safetensors.Entry entry = entry(new TensorSpec("a", DType.F32, List.of(1L)), 1);
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        Safetensors.write(folder.resolve("w"), Map.of(), List.of(entry, entry)))
                .withMessageContaining("one tensor called a");
    }

    @Test
    void aWriterThatWasGivenTooLittleDoesNotFinish() throws Exception {
        TensorSpec spec = new TensorSpec("a", DType.F32, List.of(2L));
        try (SafetensorsWriter writer =
                SafetensorsWriter.create(folder.resolve("w"), Map.of(), List.of(spec))) {
            writer.append(MemorySegment.ofArray(new float[] {1}));
            assertThatThrownBy(writer::finish)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("4 bytes")
                    .hasMessageContaining("take 8");
        }
    }

    @Test
    void aTensorLargerThanAnythingIsRefusedWithoutOverflow() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TensorSpec("a", DType.F32, List.of(1L << 32, 1L << 31)))
                .withMessageContaining("more than 2^63 bytes");
    }

    private static Safetensors.Entry entry(TensorSpec spec, float... numbers) {
        return new Safetensors.Entry(spec, MemorySegment.ofArray(numbers));
    }

    private static Safetensors.Entry entry(TensorSpec spec, short... numbers) {
        return new Safetensors.Entry(spec, MemorySegment.ofArray(numbers));
    }
}
