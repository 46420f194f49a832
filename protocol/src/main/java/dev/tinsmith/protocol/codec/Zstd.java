package dev.tinsmith.protocol.codec;

import com.github.luben.zstd.ZstdInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;

/// Unpacks what the client packed, and no more than was agreed on.
public final class Zstd {
    private Zstd() {}

    /// The bytes that `packed` holds.
    ///
    /// @param limit how many bytes may come out; a body that holds more is refused as soon as that
    ///   shows, whatever its header claims
    public static byte[] unpack(byte[] packed, int limit) {
        try (var stream = new ZstdInputStream(new ByteArrayInputStream(packed))) {
            byte[] unpacked = stream.readNBytes(limit);
            if (stream.read() >= 0) {
                throw new MalformedException(
                        "the body holds more than %d bytes once unpacked; send fewer examples at once"
                                .formatted(limit));
            }
            return unpacked;
        } catch (IOException _) {
            throw new MalformedException(
                    "the body is not the zstd frame that its content-encoding says it is");
        }
    }
}
