package dev.tinsmith.engine.format;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.NamedParameterSpec;
import java.security.spec.XECPublicKeySpec;
import java.util.Arrays;
import java.util.Locale;

/// Whom a file is encrypted for: an X25519 public key, written as `age1…` (Bech32, BIP 173).
public final class AgeRecipient {
    private static final String PREFIX = "age";

    /// The high bits of each letter of the prefix, a zero, the low five bits of each.
    private static final int[] EXPANDED_PREFIX = {3, 3, 3, 0, 1, 7, 5};

    private static final String ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    private static final int[] GENERATOR = {
        0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3
    };
    private static final int KEY_BYTES = 32;
    private static final int CHECKSUM = 6;

    private final String text;
    private final byte[] key;

    private AgeRecipient(String text, byte[] key) {
        this.text = text;
        this.key = key;
    }

    /// Reads a recipient.
    ///
    /// @throws IllegalArgumentException if it is none, or of a kind other than X25519
    public static AgeRecipient parse(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        int separator = lower.lastIndexOf('1');
        if (!text.equals(lower) || separator != PREFIX.length() || !lower.startsWith(PREFIX)) {
            throw refused(text);
        }
        byte[] groups = groups(text, lower.substring(separator + 1));
        if (checksum(groups) != 1) {
            throw refused(text);
        }
        return new AgeRecipient(text, bytes(text, Arrays.copyOf(groups, groups.length - CHECKSUM)));
    }

    private static byte[] groups(String text, String letters) {
        byte[] groups = new byte[letters.length()];
        for (int i = 0; i < groups.length; i++) {
            int value = ALPHABET.indexOf(letters.charAt(i));
            if (value < 0) {
                throw refused(text);
            }
            groups[i] = (byte) value;
        }
        if (groups.length < CHECKSUM) {
            throw refused(text);
        }
        return groups;
    }

    private static int checksum(byte[] groups) {
        int sum = 1;
        for (int part : EXPANDED_PREFIX) {
            sum = folded(sum) ^ part;
        }
        for (byte group : groups) {
            sum = folded(sum) ^ group;
        }
        return sum;
    }

    private static int folded(int sum) {
        int top = sum >>> 25;
        int next = (sum & 0x1ffffff) << 5;
        for (int i = 0; i < GENERATOR.length; i++) {
            next ^= (top >> i & 1) == 0 ? 0 : GENERATOR[i];
        }
        return next;
    }

    /// Five bits a letter, eight a byte; what is left over must be zero.
    private static byte[] bytes(String text, byte[] groups) {
        byte[] key = new byte[groups.length * 5 / 8];
        int held = 0;
        int bits = 0;
        int at = 0;
        for (byte group : groups) {
            held = held << 5 | group;
            bits += 5;
            if (bits >= 8) {
                bits -= 8;
                key[at++] = (byte) (held >> bits);
                held &= (1 << bits) - 1;
            }
        }
        if (key.length != KEY_BYTES || held != 0 || bits >= 5) {
            throw refused(text);
        }
        return key;
    }

    private static IllegalArgumentException refused(String text) {
        return new IllegalArgumentException(
                "'%s' is no age recipient that is known here; it must be an X25519 one, which begins with age1"
                        .formatted(text));
    }

    /// The 32 bytes of the key, little-endian, a copy.
    byte[] key() {
        return key.clone();
    }

    PublicKey publicKey() throws GeneralSecurityException {
        byte[] big = key.clone();
        big[KEY_BYTES - 1] &= 0x7f;
        for (int i = 0; i < KEY_BYTES / 2; i++) {
            byte kept = big[i];
            big[i] = big[KEY_BYTES - 1 - i];
            big[KEY_BYTES - 1 - i] = kept;
        }
        return KeyFactory.getInstance("X25519")
                .generatePublic(
                        new XECPublicKeySpec(NamedParameterSpec.X25519, new BigInteger(1, big)));
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof AgeRecipient that && text.equals(that.text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
