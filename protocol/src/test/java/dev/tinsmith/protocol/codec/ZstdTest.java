package dev.tinsmith.protocol.codec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ZstdTest {
    @Test
    void aFrameIsUnpacked() {
        byte[] body = "forward and backward".getBytes(StandardCharsets.UTF_8);

        assertThat(Zstd.unpack(com.github.luben.zstd.Zstd.compress(body), body.length))
                .isEqualTo(body);
    }

    @Test
    void aBombIsRefusedBeforeItGoesOff() {
        byte[] bomb = com.github.luben.zstd.Zstd.compress(new byte[64 << 20]);

        assertThat(bomb).hasSizeLessThan(100_000);
        assertThatExceptionOfType(MalformedException.class)
                .isThrownBy(() -> Zstd.unpack(bomb, 1000))
                .withMessage(
                        "the body holds more than 1000 bytes once unpacked; send fewer examples at once");
    }

    @Test
    void whatIsNoFrameIsRefused() {
        assertThatExceptionOfType(MalformedException.class)
                .isThrownBy(() -> Zstd.unpack(new byte[] {1, 2, 3, 4, 5, 6, 7, 8}, 1000))
                .withMessage("the body is not the zstd frame that its content-encoding says it is");
    }

    @Test
    void aFrameThatBreaksOffIsRefused() {
        byte[] whole = com.github.luben.zstd.Zstd.compress(new byte[5000]);

        assertThatExceptionOfType(MalformedException.class)
                .isThrownBy(() ->
                        Zstd.unpack(java.util.Arrays.copyOf(whole, whole.length - 3), 10_000));
    }
}
