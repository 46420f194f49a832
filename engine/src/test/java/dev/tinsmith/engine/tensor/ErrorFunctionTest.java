package dev.tinsmith.engine.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ErrorFunctionTest {
    /// The values are those of `torch.erf` in fp64.
    @ParameterizedTest
    @CsvSource({
        "0.0, 0.0",
        "1e-08, 1.1283791670955126e-08",
        "0.1, 0.1124629160182849",
        "0.5, 0.5204998778130465",
        "1.0, 0.8427007929497149",
        "1.7, 0.9837904585907745",
        "2.4, 0.999311486103355",
        "2.5, 0.999593047982555",
        "2.6, 0.9997639655834707",
        "3.0, 0.9999779095030014",
        "4.5, 0.9999999998033839",
        "5.9, 0.9999999999999999",
        "6.5, 1.0"
    })
    void itIsTorchs(double x, double expected) {
        assertThat(ErrorFunction.of(x)).isCloseTo(expected, within(1e-14));
        assertThat(ErrorFunction.of(-x)).isCloseTo(-expected, within(1e-14));
    }
}
