package dev.tinsmith.engine.format;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.security.interfaces.XECPublicKey;
import java.util.Base64;
import java.util.List;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.KeyAgreement;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/// Files encrypted as age v1 does it (C2SP, age.md): a random file key, wrapped for each recipient
/// in the header, and a payload in chunks of 64 KiB. All primitives are the JDK's.
public final class AgeFile {
    /// What an encrypted file's name ends in.
    public static final String SUFFIX = ".age";

    private static final String VERSION = "age-encryption.org/v1";
    private static final String WRAPPING = "age-encryption.org/v1/X25519";
    private static final int CHUNK = 64 * 1024;
    private static final int KEY_BYTES = 32;
    private static final Base64.Encoder BASE64 = Base64.getEncoder().withoutPadding();
    private static final SecureRandom RANDOM = new SecureRandom();

    private AgeFile() {}

    /// Writes `plain` to `into`, readable by each of `recipients` and nobody else. At most two
    /// chunks are held in memory.
    public static void encrypt(Path plain, Path into, List<AgeRecipient> recipients) {
        byte[] fileKey = random(16);
        byte[] nonce = random(16);
        try (InputStream in = Files.newInputStream(plain);
                OutputStream out = Files.newOutputStream(into)) {
            out.write(header(fileKey, recipients));
            out.write(nonce);
            payload(in, out, derived(fileKey, nonce, "payload"));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } catch (GeneralSecurityException failure) {
            throw new IllegalStateException("this JDK lacks a primitive of age", failure);
        }
    }

    private static byte[] header(byte[] fileKey, List<AgeRecipient> recipients)
            throws GeneralSecurityException {
        StringBuilder header = new StringBuilder(VERSION).append('\n');
        for (AgeRecipient recipient : recipients) {
            header.append(stanza(fileKey, recipient));
        }
        header.append("---");
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(derived(fileKey, new byte[0], "header"));
        byte[] sum = mac.doFinal(header.toString().getBytes(StandardCharsets.US_ASCII));
        return header.append(' ')
                .append(BASE64.encodeToString(sum))
                .append('\n')
                .toString()
                .getBytes(StandardCharsets.US_ASCII);
    }

    private static String stanza(byte[] fileKey, AgeRecipient recipient)
            throws GeneralSecurityException {
        KeyPair once = KeyPairGenerator.getInstance("X25519").generateKeyPair();
        byte[] share = littleEndian(((XECPublicKey) once.getPublic()).getU());
        KeyAgreement agreement = KeyAgreement.getInstance("X25519");
        agreement.init(once.getPrivate());
        agreement.doPhase(recipient.publicKey(), true);
        SecretKey wrapping =
                derived(agreement.generateSecret(), joined(share, recipient.key()), WRAPPING);
        byte[] wrapped = cipher(wrapping, new byte[12]).doFinal(fileKey);
        return "-> X25519 %s\n%s\n"
                .formatted(BASE64.encodeToString(share), BASE64.encodeToString(wrapped));
    }

    /// The last chunk may be short, and is empty only if the file is.
    private static void payload(InputStream in, OutputStream out, SecretKey key)
            throws IOException, GeneralSecurityException {
        byte[] chunk = in.readNBytes(CHUNK);
        for (long counter = 0; ; counter++) {
            byte[] next = chunk.length < CHUNK ? new byte[0] : in.readNBytes(CHUNK);
            boolean last = next.length == 0;
            byte[] nonce =
                    ByteBuffer.allocate(12)
                            .putLong(3, counter)
                            .put(11, (byte) (last ? 1 : 0))
                            .array();
            out.write(cipher(key, nonce).doFinal(chunk));
            if (last) {
                return;
            }
            chunk = next;
        }
    }

    private static Cipher cipher(SecretKey key, byte[] nonce) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("ChaCha20-Poly1305");
        cipher.init(
                Cipher.ENCRYPT_MODE,
                new SecretKeySpec(key.getEncoded(), "ChaCha20"),
                new IvParameterSpec(nonce));
        return cipher;
    }

    private static SecretKey derived(byte[] secret, byte[] salt, String info)
            throws GeneralSecurityException {
        HKDFParameterSpec.Builder extract = HKDFParameterSpec.ofExtract().addIKM(secret);
        if (salt.length > 0) {
            extract = extract.addSalt(salt);
        }
        return KDF.getInstance("HKDF-SHA256")
                .deriveKey(
                        "Generic",
                        extract.thenExpand(info.getBytes(StandardCharsets.US_ASCII), KEY_BYTES));
    }

    private static byte[] littleEndian(BigInteger number) {
        byte[] big = number.toByteArray();
        byte[] little = new byte[KEY_BYTES];
        for (int i = 0; i < Math.min(big.length, KEY_BYTES); i++) {
            little[i] = big[big.length - 1 - i];
        }
        return little;
    }

    private static byte[] joined(byte[] first, byte[] second) {
        ByteArrayOutputStream both = new ByteArrayOutputStream();
        both.writeBytes(first);
        both.writeBytes(second);
        return both.toByteArray();
    }

    private static byte[] random(int count) {
        byte[] bytes = new byte[count];
        RANDOM.nextBytes(bytes);
        return bytes;
    }
}
