package dev.tinsmith.server.future;

import java.util.Arrays;

/// What a client is told, as it is written.
public final class Answer {
    private final Form form;
    private final byte[] bytes;

    /// Takes the array as it is; nobody changes it afterwards.
    public Answer(Form form, byte[] bytes) {
        this.form = form;
        this.bytes = bytes;
    }

    /// What the bytes are. The names are written to disk.
    public enum Form {
        JSON,
        /// What came of a pass, as a message that some clients read as JSON.
        PASSED,
        /// A sample, likewise.
        SAMPLED
    }

    public Form form() {
        return form;
    }

    /// Not to be changed.
    public byte[] bytes() {
        return bytes;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Answer that
                && form == that.form
                && Arrays.equals(bytes, that.bytes);
    }

    @Override
    public int hashCode() {
        return Arrays.hashCode(bytes);
    }

    @Override
    public String toString() {
        return "%s of %d bytes (%08x)".formatted(form, bytes.length, hashCode());
    }
}
