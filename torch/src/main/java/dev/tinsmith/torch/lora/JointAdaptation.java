package dev.tinsmith.torch.lora;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/// Several adapters, each for its own range of the rows of a pass: those of a range get the bits
/// they would get alone. For models without experts, whose projections see all rows in their order.
///
/// @param ranges one after another, all rows of the pass
public record JointAdaptation(List<Range<FactorSet>> ranges) implements Adaptation {
    public JointAdaptation {
        ranges = List.copyOf(ranges);
    }

    @Override
    public Optional<Added> at(int layer, Site site, int expert) {
        return Range.each(ranges, factors -> factors.at(layer, site, expert)).map(Joint::new);
    }

    /// Not to be asked: each range's scores are computed by themselves.
    @Override
    public Optional<Added> unembedding() {
        throw new IllegalStateException("scores are computed range by range");
    }

    /// What is added to one projection. The scaled inputs of the second factors lie below one
    /// another, each with as many columns as it needs.
    private record Joint(List<Range<Optional<Factors>>> ranges) implements Added {
        @Override
        public Delta delta(Tensor x_TI, Supplier<Tensor> memory_TO) {
            Tensor delta_TO = memory_TO.get();
            Tensor low_TR = x_TI.new_empty(x_TI.size(0), widest());
            for (Range<Optional<Factors>> range : ranges) {
                Tensor its_TO = range.of(delta_TO);
                if (range.its().isEmpty()) {
                    its_TO.zero_();
                } else {
                    Delta delta = range.its().get().delta(range.of(x_TI), () -> its_TO);
                    Tensor low = delta.low_TR().orElseThrow();
                    range.of(low_TR).narrow(1, 0, low.size(1)).copy_(low);
                }
            }
            return new Delta(delta_TO, Optional.of(low_TR));
        }

        private long widest() {
            return ranges.stream()
                    .flatMap(range -> range.its().stream())
                    .mapToLong(Factors::columns)
                    .max()
                    .orElseThrow();
        }
    }
}
