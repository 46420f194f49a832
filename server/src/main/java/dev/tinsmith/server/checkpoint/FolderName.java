package dev.tinsmith.server.checkpoint;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// Any name as the name of a folder, and back. All but letters, digits, `_`, `-` and a dot inside
/// are written as `%` and two hex digits, so no name is a path, hidden, or special to a system.
final class FolderName {
    private FolderName() {}

    static String of(String name) {
        StringBuilder folder = new StringBuilder();
        for (byte octet : name.getBytes(StandardCharsets.UTF_8)) {
            char letter = (char) (octet & 0xff);
            if (isPlain(letter) || (letter == '.' && !folder.isEmpty())) {
                folder.append(letter);
            } else {
                folder.append("%%%02X".formatted((int) letter));
            }
        }
        return folder.toString();
    }

    /// @throws IllegalArgumentException if no name is written so
    static String read(String folder) {
        ByteArrayOutputStream name = new ByteArrayOutputStream();
        for (int i = 0; i < folder.length(); i++) {
            if (folder.charAt(i) == '%' && folder.length() >= i + 3) {
                name.write(Integer.parseInt(folder.substring(i + 1, i + 3), 16));
                i += 2;
            } else {
                name.write(folder.charAt(i));
            }
        }
        String read = name.toString(StandardCharsets.UTF_8);
        if (!of(read).equals(folder)) {
            throw new IllegalArgumentException("'%s' is no folder of ours".formatted(folder));
        }
        return read;
    }

    private static boolean isPlain(char letter) {
        return letter < 128
                && (Character.isLetterOrDigit(letter) || letter == '_' || letter == '-');
    }
}
