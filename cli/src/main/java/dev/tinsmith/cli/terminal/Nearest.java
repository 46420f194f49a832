package dev.tinsmith.cli.terminal;

import java.util.Comparator;
import java.util.List;

/// The word a mistyped one was probably meant to be.
public final class Nearest {
    private Nearest() {}

    /// The one of `known` that takes the fewest changes to become `word`.
    public static String of(String word, List<String> known) {
        return known.stream().min(Comparator.comparingInt(each -> distance(word, each))).orElse("");
    }

    /// Insertions, deletions and replacements from one word to the other (Levenshtein 1966).
    private static int distance(String from, String to) {
        int[] row = new int[to.length() + 1];
        for (int j = 0; j < row.length; j++) {
            row[j] = j;
        }
        for (int i = 1; i <= from.length(); i++) {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j < row.length; j++) {
                int replaced = diagonal + (from.charAt(i - 1) == to.charAt(j - 1) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.min(replaced, 1 + Math.min(row[j], row[j - 1]));
            }
        }
        return row[to.length()];
    }
}
