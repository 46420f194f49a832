package dev.tinsmith.torch.lora;

import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/// Several adapters, each trained by its own range of the rows of a pass. An adapter's gradient is
/// a sum over its own rows, in the order it would have alone, and so has the same bits.
///
/// @param ranges one after another, all rows of the pass
public record JointTraining(List<Range<SoloTraining>> ranges) implements Training {
    public JointTraining {
        ranges = List.copyOf(ranges);
    }

    @Override
    public Adaptation adaptation() {
        return new JointAdaptation(
                ranges.stream().map(range -> range.with(range.its().factors())).toList());
    }

    @Override
    public boolean isOfLayers() {
        return ranges.stream().anyMatch(range -> range.its().isOfLayers());
    }

    @Override
    public Optional<Trained> at(int layer, Site site, int expert) {
        return Range.each(ranges, training -> training.at(layer, site, expert)).map(Joint::new);
    }

    private record Joint(List<Range<Optional<SoloTraining.Pair>>> ranges) implements Trained {
        @Override
        public Tensor backward(Tensor dy_TO, Tensor x_TI, Tensor low_TR) {
            Tensor dx_TI = dy_TO.new_empty(x_TI.size(0), x_TI.size(1));
            for (Range<Optional<SoloTraining.Pair>> range : ranges) {
                if (range.its().isEmpty()) {
                    range.of(dx_TI).zero_();
                } else {
                    SoloTraining.Pair its = range.its().get();
                    Tensor low =
                            range.of(low_TR).narrow(1, 0, its.factors().columns()).contiguous();
                    range.of(dx_TI).copy_(its.backward(range.of(dy_TO), range.of(x_TI), low));
                }
            }
            return dx_TI;
        }
    }
}
