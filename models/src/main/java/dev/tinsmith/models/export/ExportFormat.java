package dev.tinsmith.models.export;

import dev.tinsmith.models.ModelException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/// What a checkpoint goes out as.
public enum ExportFormat {
    /// An adapter that PEFT loads.
    PEFT,
    /// A model of its own, the adapter added to its base.
    MERGED,
    /// The checkpoint as it is, its optimizer included.
    TINKER;

    /// Understands what an operator wrote.
    public static ExportFormat parse(String text) {
        return Arrays.stream(values())
                .filter(format -> format.toString().equals(text))
                .findFirst()
                .orElseThrow(() ->
                        new ModelException(
                                "'%s' is no export format; there are %s"
                                        .formatted(text, List.of(values()))));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
