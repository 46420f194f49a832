package dev.tinsmith.torch.ops;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

class DtypeChoiceTest {
    @Test
    void aProcessorThatMultipliesBf16IsGivenBf16() {
        assertThat(DtypeChoice.automatic(Set.of("avx2", "avx512_bf16")))
                .isEqualTo(new DtypeChoice.Chosen(Dtype.BF16, "the processor has avx512_bf16"));
        assertThat(DtypeChoice.automatic(Set.of("avx512_bf16", "amx_bf16")).why())
                .contains("amx_bf16");
    }

    @Test
    void anyOtherIsGivenF32() {
        assertThat(DtypeChoice.automatic(Set.of("avx2", "avx512f")).dtype()).isEqualTo(Dtype.F32);
        assertThat(DtypeChoice.automatic(Set.of()).dtype()).isEqualTo(Dtype.F32);
    }

    @Test
    void theUserHasTheLastWord() {
        assertThat(DtypeChoice.BF16.resolve())
                .isEqualTo(new DtypeChoice.Chosen(Dtype.BF16, "asked for"));
        assertThat(DtypeChoice.FP32.resolve())
                .isEqualTo(new DtypeChoice.Chosen(Dtype.F32, "asked for"));
    }
}
