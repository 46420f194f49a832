package dev.tinsmith.models.gguf;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class GgmlTypeTest {
    /// Made by conformance/python/quants_reference.py from the package `gguf`.
    @ParameterizedTest
    @EnumSource
    void blocksMeanWhatTheReferenceSaysBitForBit(GgmlType type) throws IOException {
        ByteBuffer golden = golden(type);
        int count = golden.getInt();
        byte[] blocks = new byte[count * type.bytes()];
        golden.get(blocks);
        float[] read = new float[count * type.elements()];
        for (int block = 0; block < count; block++) {
            type.reader()
                    .read(
                            MemorySegment.ofArray(blocks),
                            (long) block * type.bytes(),
                            read,
                            block * type.elements());
        }

        assertThat(golden.remaining()).isEqualTo(read.length * Float.BYTES);
        for (int i = 0; i < read.length; i++) {
            assertThat(Float.floatToRawIntBits(read[i]))
                    .as("%s number %d", type, i)
                    .isEqualTo(golden.getInt());
        }
    }

    @Test
    void noTwoTypesShareAnId() {
        assertThat(IntStream.range(0, 256).mapToObj(GgmlType::of).flatMap(Optional::stream))
                .containsExactlyInAnyOrder(GgmlType.values());
    }

    @Test
    void aTypeThatIsNotReadHasItsName() {
        assertThat(GgmlType.of(10)).isEmpty();
        assertThat(GgmlType.nameOf(10)).isEqualTo("Q2_K");
        assertThat(GgmlType.nameOf(-1)).isEqualTo("type 4294967295");
        assertThat(Arrays.stream(GgmlType.values()).map(GgmlType::name))
                .doesNotContain(GgmlType.nameOf(16));
    }

    private static ByteBuffer golden(GgmlType type) throws IOException {
        String name = "/gguf/%s.golden".formatted(type.name().toLowerCase(Locale.ROOT));
        try (InputStream stream =
                Objects.requireNonNull(GgmlTypeTest.class.getResourceAsStream(name), name)) {
            return ByteBuffer.wrap(stream.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
        }
    }
}
