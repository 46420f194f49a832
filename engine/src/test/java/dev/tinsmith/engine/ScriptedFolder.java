package dev.tinsmith.engine;

import dev.tinsmith.engine.format.AdapterConfig;
import dev.tinsmith.engine.format.AdapterFolder;
import dev.tinsmith.engine.format.AdapterFolder.Factors;
import dev.tinsmith.engine.format.AdapterFolder.Moments;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;

/// What a [ScriptedEngine] saves: a folder as every engine lays it out, with one layer of tiny
/// factors. The run's number stands in the first row of each A, 16 bits a place.
final class ScriptedFolder {
    private static final int WIDTH = 4;

    private ScriptedFolder() {}

    static void write(Path into, ScriptedRun run, boolean withOptimizer) {
        AdapterConfig config = new AdapterConfig(run.lora(), run.base());
        List<Factors> factors =
                config.targetModules().stream().map(leaf -> factors(leaf, run)).toList();
        AdapterFolder.write(into, config, factors);
        if (withOptimizer) {
            AdapterFolder.writeMoments(into, new Moments(run.steps(), factors, factors));
        }
    }

    private static Factors factors(String leaf, ScriptedRun run) {
        int rank = run.lora().rank();
        float[] a = new float[rank * WIDTH];
        Arrays.fill(a, 1);
        for (int i = 0; i < WIDTH; i++) {
            a[i] = (run.mark() >>> (16 * i)) & 0xffff;
        }
        return new Factors(module(leaf), rank, Floats.of(a), Floats.of(new float[WIDTH * rank]));
    }

    private static String module(String leaf) {
        if (leaf.equals(AdapterConfig.UNEMBEDDING)) {
            return leaf;
        }
        String block =
                List.of("gate_proj", "up_proj", "down_proj").contains(leaf) ? "mlp" : "self_attn";
        return "model.layers.0.%s.%s".formatted(block, leaf);
    }

    static ScriptedRun read(Path from, String base, boolean withOptimizer) {
        try (AdapterFolder folder = AdapterFolder.open(from)) {
            Floats a = folder.factors(folder.modules().getFirst()).a();
            long mark = 0;
            for (int i = 0; i < WIDTH; i++) {
                mark |= (long) a.at(i) << (16 * i);
            }
            long steps = withOptimizer ? folder.moments().step() : 0;
            return new ScriptedRun(base, folder.config().lora(), mark, (int) steps);
        }
    }
}
