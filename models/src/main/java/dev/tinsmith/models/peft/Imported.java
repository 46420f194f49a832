package dev.tinsmith.models.peft;

import dev.tinsmith.engine.LoraSpec;
import dev.tinsmith.engine.format.AdapterFolder;
import dev.tinsmith.engine.format.JsonFile;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.ToDoubleFunction;

/// An adapter that came in.
///
/// @param lora its shape here
/// @param facts where it came from, to be kept with it; fit for clients
/// @param remarks what its owner should know, a sentence each
public record Imported(LoraSpec lora, SortedMap<String, String> facts, List<String> remarks) {
    /// The fact that says which folder it was in.
    public static final String FROM = "imported_from";

    /// The fact that says which rank it had.
    public static final String RANK = "imported_rank";

    /// The fact that says which alpha it had.
    public static final String ALPHA = "imported_alpha";

    public Imported {
        facts = Collections.unmodifiableSortedMap(new TreeMap<>(facts));
        remarks = List.copyOf(remarks);
    }

    static Imported of(
            Path folder, ForeignAdapter adapter, LoraSpec lora, boolean exact, boolean moments)
            throws IOException {
        PeftSettings settings = adapter.settings();
        SortedMap<String, String> facts = new TreeMap<>();
        facts.put(FROM, last(folder.toAbsolutePath().normalize().toString()));
        facts.put("imported_sha256", sha256(folder.resolve(AdapterFolder.WEIGHTS)));
        facts.put(RANK, range(adapter, part -> settings.ranks().of(part.key())));
        facts.put(ALPHA, range(adapter, part -> settings.alphas().of(part.key())));
        facts.put("imported_exactly", Boolean.toString(exact));
        settings.baseModel().ifPresent(name -> facts.put("imported_base", withoutPath(name)));
        return new Imported(lora, facts, remarks(folder, adapter, lora, exact, moments));
    }

    private static List<String> remarks(
            Path folder, ForeignAdapter adapter, LoraSpec lora, boolean exact, boolean moments) {
        List<String> remarks = new ArrayList<>();
        String rank = range(adapter, ForeignAdapter.Part::rank);
        if (!rank.equals(Integer.toString(lora.rank()))) {
            remarks.add(
                    "its rank is %s and is held as %d; what that adds is zero and stays zero"
                            .formatted(rank, lora.rank()));
        }
        if (!exact) {
            remarks.add(
                    "its scale, %s, is no power of two times %s; B takes the difference and is rounded to single precision, by 6e-8 of each number at most"
                            .formatted(range(adapter, ForeignAdapter.Part::scale), lora.scale()));
        }
        if (adapter.settings().dropout() != 0) {
            remarks.add(
                    "it was trained with a dropout of %s; training here goes on without"
                            .formatted(adapter.settings().dropout()));
        }
        if (!adapter.copies().isEmpty()) {
            remarks.add(
                    "%s repeats what the base has and was left out"
                            .formatted(String.join(", ", adapter.copies())));
        }
        if (!moments && Moments.areIn(folder)) {
            remarks.add(
                    "%s is not of a checkpoint exported here as it is; the optimizer starts anew"
                            .formatted(AdapterFolder.OPTIMIZER));
        }
        return remarks;
    }

    /// One number for all modules, or the least and the most.
    private static String range(
            ForeignAdapter adapter, ToDoubleFunction<ForeignAdapter.Part> number) {
        double[] sorted = adapter.parts().values().stream().mapToDouble(number).sorted().toArray();
        String least = words(sorted[0]);
        String most = words(sorted[sorted.length - 1]);
        return least.equals(most) ? least : least + " to " + most;
    }

    private static String words(double number) {
        return number == Math.rint(number) ? Long.toString((long) number) : Double.toString(number);
    }

    /// A name on a hub as it is; of a place on some machine its last part.
    private static String withoutPath(String name) {
        return name.matches("[\\w.-]+(/[\\w.-]+)?") && !name.startsWith(".") ? name : last(name);
    }

    private static String last(String path) {
        return JsonFile.nameOf(Path.of(path.replace('\\', '/')));
    }

    private static String sha256(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file);
                DigestInputStream digest =
                        new DigestInputStream(in, MessageDigest.getInstance("SHA-256"))) {
            digest.transferTo(OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(digest.getMessageDigest().digest());
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("every JDK has SHA-256", impossible);
        }
    }
}
