package dev.tinsmith.protocol;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.math.BigInteger;

/// A seed, however many digits the client wrote it with.
///
/// @param value its low 64 bits
public record Seed(long value) {
    @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
    static Seed read(BigInteger written) {
        return new Seed(written.longValue());
    }
}
