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
    public Optional<Trained> at(int layer, Site site, int expert) {
        List<Range<Optional<Trained>>> some =
                ranges.stream()
                        .map(range -> range.with(range.its().at(layer, site, expert)))
                        .toList();
        return some.stream().anyMatch(range -> range.its().isPresent())
                ? Optional.of(new Joint(some))
                : Optional.empty();
    }

    /// Not to be asked: each range's scores are computed by themselves.
    @Override
    public Optional<Trained> unembedding() {
        throw new IllegalStateException("scores are computed range by range");
    }

    private record Joint(List<Range<Optional<Trained>>> ranges) implements Trained {
        @Override
        public long columns() {
            return ranges.stream()
                    .flatMap(range -> range.its().stream())
                    .mapToLong(Trained::columns)
                    .max()
                    .orElseThrow();
        }

        @Override
        public Tensor backward(Tensor dy_TO, Tensor x_TI, Tensor low_TR) {
            Tensor dx_TI = dy_TO.new_empty(x_TI.size(0), x_TI.size(1));
            for (Range<Optional<Trained>> range : ranges) {
                if (range.its().isEmpty()) {
                    range.of(dx_TI).zero_();
                } else {
                    Trained its = range.its().get();
                    Tensor low = range.of(low_TR).narrow(1, 0, its.columns()).contiguous();
                    range.of(dx_TI).copy_(its.backward(range.of(dy_TO), range.of(x_TI), low));
                }
            }
            return dx_TI;
        }
    }
}
