package dev.tinsmith.models.peft;

import dev.tinsmith.engine.LoraSpec;
import dev.tinsmith.engine.format.AdapterConfig;
import dev.tinsmith.engine.format.AdapterFolder;
import dev.tinsmith.engine.format.AdapterFolder.Factors;
import dev.tinsmith.engine.format.AdapterFolder.Shape;
import dev.tinsmith.engine.format.JsonFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Writes the adapter of a checkpoint as PEFT reads it.
///
/// One that was imported and not trained since goes out as it came, to the bit. Of one that was
/// trained since, what stayed zero from the import goes no further: projections that it does not
/// adapt, and the ranks that only filled up a power of two. The factors of experts go out expert by
/// expert.
public final class PeftExport {
    private final AdapterFolder adapter;
    private final SingleModules modules;
    private final AdapterConfig config;

    private PeftExport(AdapterFolder adapter, AdapterConfig config) {
        this.adapter = adapter;
        this.modules = new SingleModules(adapter);
        this.config = config;
    }

    /// Writes the adapter in the folder `checkpoint` into the empty folder `into`.
    ///
    /// @param baseModel the name of the model underneath
    public static void write(Path checkpoint, String baseModel, Path into) throws IOException {
        write(checkpoint, baseModel, into, false);
    }

    /// As [#write(Path, String, Path)], but leaves the factors of experts one upon another, as the
    /// hosted service gives them out and the cookbook reads them.
    public static void writeStacked(Path checkpoint, String baseModel, Path into)
            throws IOException {
        write(checkpoint, baseModel, into, true);
    }

    private static void write(Path checkpoint, String baseModel, Path into, boolean stacked)
            throws IOException {
        try (AdapterFolder adapter = AdapterFolder.open(checkpoint)) {
            LoraSpec lora = adapter.config().lora();
            PeftExport export = new PeftExport(adapter, new AdapterConfig(lora, baseModel));
            if (stacked && export.modules.areStacked()) {
                export.whole(checkpoint, into);
                return;
            }
            Optional<Origin> origin = Origin.of(checkpoint, lora.rank());
            if (origin.isPresent()) {
                export.asItCame(origin.get(), into);
            } else {
                export.trimmed(checkpoint, into);
            }
        }
    }

    private void asItCame(Origin origin, Path into) {
        Map<String, Folding> modules = origin.modules();
        List<Shape> shapes =
                modules.entrySet().stream()
                        .map(entry -> shape(entry.getKey(), entry.getValue().rank()))
                        .toList();
        AdapterFolder.writeWeights(
                into,
                shapes,
                shape ->
                        Optional.ofNullable(modules.get(shape.module()))
                                .orElseThrow()
                                .undone(adapter.factors(shape.module())));
        ObjectNode said = config.peft();
        said.setAll(origin.config());
        said.put("base_model_name_or_path", config.baseModel());
        said.put("inference_mode", true);
        JsonFile.write(into.resolve(AdapterConfig.FILE), said);
    }

    private void whole(Path checkpoint, Path into) throws IOException {
        config.writeForPeft(into);
        Files.copy(checkpoint.resolve(AdapterFolder.WEIGHTS), into.resolve(AdapterFolder.WEIGHTS));
    }

    private void trimmed(Path checkpoint, Path into) throws IOException {
        Map<String, Integer> used =
                modules.names().stream().collect(Collectors.toMap(Function.identity(), this::used));
        Set<String> leaves =
                used.keySet().stream()
                        .filter(module -> used.getOrDefault(module, 0) > 0)
                        .map(PeftExport::leaf)
                        .collect(Collectors.toCollection(TreeSet::new));
        int full = config.lora().rank();
        int rank = rank(used.values().stream().mapToInt(Integer::intValue).max().orElse(0), full);
        boolean isWhole = rank == full && leaves.size() == config.targetModules().size();
        if (!modules.areStacked() && (leaves.isEmpty() || isWhole)) {
            whole(checkpoint, into);
            return;
        }
        Folding folding = new Folding(rank, full, 1);
        List<Shape> shapes =
                modules.names().stream()
                        .filter(module -> leaves.contains(leaf(module)))
                        .map(module -> shape(module, rank))
                        .toList();
        AdapterFolder.writeWeights(
                into, shapes, shape -> folding.undone(modules.factors(shape.module())));
        ObjectNode said = config.peft();
        said.put("r", rank);
        said.put("lora_alpha", LoraSpec.ALPHA * rank / full);
        ArrayNode targets = said.putArray("target_modules");
        leaves.forEach(targets::add);
        JsonFile.write(into.resolve(AdapterConfig.FILE), said);
    }

    /// The rank to write: what is used, where alpha is whole with it.
    private static int rank(int used, int full) {
        return used > 0 && LoraSpec.ALPHA * used % full == 0 ? used : full;
    }

    private Shape shape(String module, int rank) {
        Factors factors = modules.factors(module);
        return new Shape(module, rank, factors.in(), factors.out());
    }

    private static String leaf(String module) {
        return module.substring(module.lastIndexOf('.') + 1);
    }

    /// How many ranks of a module are not zero in both factors, counted to the last such one.
    private int used(String module) {
        Factors factors = modules.factors(module);
        int rank = factors.rank();
        while (rank > 0 && isZero(factors, rank - 1)) {
            rank--;
        }
        return rank;
    }

    private static boolean isZero(Factors factors, int rank) {
        int first = rank * factors.in();
        for (int i = first; i < first + factors.in(); i++) {
            if (factors.a().at(i) != 0) {
                return false;
            }
        }
        for (int i = rank; i < factors.b().length(); i += factors.rank()) {
            if (factors.b().at(i) != 0) {
                return false;
            }
        }
        return true;
    }
}
