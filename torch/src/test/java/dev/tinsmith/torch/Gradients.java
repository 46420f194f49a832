package dev.tinsmith.torch;

import dev.tinsmith.engine.loss.Losses;
import dev.tinsmith.torch.adapter.Adapter;
import dev.tinsmith.torch.adapter.AdapterCache;
import dev.tinsmith.torch.adapter.FlatFactors;
import dev.tinsmith.torch.lora.SoloTraining;
import dev.tinsmith.torch.nn.Decoder;
import dev.tinsmith.torch.ops.Dtype;
import dev.tinsmith.torch.ops.Ops;
import dev.tinsmith.torch.ops.Scope;
import dev.tinsmith.torch.ops.Threads;
import dev.tinsmith.torch.pass.Pass;
import dev.tinsmith.torch.weights.Bases;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// The gradients of one pass, which the engine itself keeps to itself.
final class Gradients {
    private static final int BUDGET = 512;

    private Gradients() {}

    /// By names such as `model.layers.0.mlp.up_proj.lora_A`, in single precision.
    ///
    /// @param folder an empty one to write them to
    static Map<String, TinyModel.Weight> of(GoldenCase golden, String loss, Path folder) {
        try (Scope scope = Scope.open();
                Threads threads = new Threads(1);
                Bases bases = new Bases(Dtype.F32)) {
            Decoder decoder = bases.of(golden.base());
            try (Adapter adapter = AdapterCache.read(decoder, golden.adapter());
                    FlatFactors gradients =
                            new FlatFactors(
                                    adapter.layout(),
                                    scope.keep(Ops.zeros(Dtype.F32, adapter.layout().size())))) {
                SoloTraining training = new SoloTraining(adapter.factors(), gradients);
                Pass pass =
                        new Pass(
                                decoder,
                                Losses.of(golden.loss(loss)),
                                adapter.factors(),
                                List.of(training, training),
                                golden.batch(loss).data(),
                                BUDGET);
                while (!pass.isDone()) {
                    pass.advance(List.of(), threads);
                }
                Tiny.write(folder, adapter.layout(), Ops.toFloats(gradients.flat_N()));
                return Tiny.factors(folder);
            }
        }
    }
}
