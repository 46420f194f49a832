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
import dev.tinsmith.torch.pass.Pass;
import dev.tinsmith.torch.weights.Bases;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// The gradients of one pass, which the engine itself keeps to itself.
final class Gradients {
    private static final int BUDGET = 512;

    private Gradients() {}

    /// By names such as `model.layers.0.mlp.up_proj.lora_A`, in single precision.
    ///
    /// @param folder an empty one to write them to
    static Map<String, TinyModel.Weight> of(GoldenCase golden, String loss, Path folder) {
        try (Scope scope = Scope.open();
                Bases bases = new Bases(Dtype.F32)) {
            Decoder decoder = bases.of(golden.base());
            try (Adapter adapter = AdapterCache.read(decoder, golden.adapter());
                    FlatFactors gradients =
                            new FlatFactors(
                                    adapter.layout(),
                                    scope.keep(Ops.zeros(Dtype.F32, adapter.layout().size())))) {
                Pass pass =
                        new Pass(
                                decoder,
                                Losses.of(golden.loss(loss)),
                                adapter.factors(),
                                Optional.of(new SoloTraining(adapter.factors(), gradients)),
                                golden.batch(loss).data(),
                                BUDGET);
                while (!pass.isDone()) {
                    pass.advance();
                }
                Tiny.write(folder, adapter.layout(), Ops.toFloats(gradients.flat_N()));
                return Tiny.factors(folder);
            }
        }
    }
}
