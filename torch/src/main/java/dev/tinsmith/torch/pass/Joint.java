package dev.tinsmith.torch.pass;

import dev.tinsmith.torch.attention.SequenceMixer;
import dev.tinsmith.torch.attention.SequenceMixer.Keep;
import dev.tinsmith.torch.attention.Sequences;
import dev.tinsmith.torch.lora.Adaptation;
import dev.tinsmith.torch.lora.Blend;
import dev.tinsmith.torch.lora.JointAdaptation;
import dev.tinsmith.torch.lora.JointTraining;
import dev.tinsmith.torch.lora.Range;
import dev.tinsmith.torch.lora.Training;
import dev.tinsmith.torch.nn.Decoder;
import dev.tinsmith.torch.nn.RmsNorm;
import dev.tinsmith.torch.nn.Tape;
import dev.tinsmith.torch.nn.Unembedding;
import dev.tinsmith.torch.ops.Ops;
import dev.tinsmith.torch.ops.Scope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/// Parts of several passes, computed in one go: they share every product with the frozen base,
/// while each adapter sees its own rows, and each loss its own datums. What comes of each is to the
/// bit what would come of it alone.
///
/// T rows, D the width of the residual stream.
final class Joint {
    /// The longest sequence whose attention likelihoods are kept rather than computed again.
    private static final int KEEP_LIKELIHOODS = 256;

    /// How many budgets' worth of a single sequence are kept rather than computed again.
    private static final int MOST_KEPT = 2;

    private final Decoder decoder;
    private final Unembedding unembedding;
    private final List<Part> parts;
    private final Sequences sequences;

    /// @param unembedding the decoder's, or another beside it: nobody else uses it meanwhile
    /// @param parts at least one; all of them with a backward pass, or none
    Joint(Decoder decoder, Unembedding unembedding, List<Part> parts) {
        this.decoder = decoder;
        this.unembedding = unembedding;
        this.parts = List.copyOf(parts);
        this.sequences =
                new Sequences(
                        parts.stream()
                                .flatMap(part -> part.data().stream())
                                .map(datum -> datum.tokens().length())
                                .toList());
    }

    /// Computes all parts. A part whose numbers are none fails alone; anything else fails all.
    void compute(int budget) {
        try (Scope _ = Scope.open();
                Tape tape = new Tape(sequences.tokens() > MOST_KEPT * budget)) {
            Optional<Training> training = training();
            if (training.isPresent()) {
                train(training.get(), tape);
            } else {
                score();
            }
        } catch (RuntimeException broken) {
            parts.forEach(part -> part.fail(broken));
        } catch (OutOfMemoryError full) {
            RuntimeException reason = new IllegalStateException("not enough memory", full);
            parts.forEach(part -> part.fail(reason));
        }
    }

    private void score() {
        Tensor h_TD = decoder.embed(Ops.indices(tokens()));
        decoder.forward(h_TD, decoder.sequences(sequences, Keep.NOTHING), Blend.all(adaptation()));
        Tensor x_TD = decoder.normalize(h_TD).y_TD();
        forEachPart((part, row) -> {
            Optional<Tensor> _ = part.head(unembedding, x_TD.narrow(0, row, part.tokens()));
        });
    }

    private void train(Training training, Tape tape) {
        boolean goesBack = training.isOfLayers();
        SequenceMixer mixer = decoder.sequences(sequences, goesBack ? keep() : Keep.NOTHING);
        Tensor h_TD = decoder.embed(Ops.indices(tokens()));
        Blend blend = Blend.all(training.adaptation());
        if (goesBack) {
            decoder.forward(h_TD, mixer, blend, tape);
        } else {
            decoder.forward(h_TD, mixer, blend);
        }
        RmsNorm.Normed normed = decoder.normalize(h_TD);
        Tensor dx_TD = Ops.zerosLike(h_TD);
        List<Part> moved = new ArrayList<>();
        forEachPart((part, row) -> {
            Tensor x_ND = normed.y_TD().narrow(0, row, part.tokens());
            part.head(unembedding, x_ND)
                    .ifPresent(dx_ND -> {
                        dx_TD.narrow(0, row, part.tokens()).copy_(dx_ND);
                        moved.add(part);
                    });
        });
        if (goesBack && !moved.isEmpty()) {
            Tensor dh_TD = Ops.zerosLike(h_TD);
            decoder.normalizeBackward(dh_TD, dx_TD, normed);
            decoder.backward(dh_TD, mixer, training, tape);
        }
    }

    private Adaptation adaptation() {
        return parts.size() == 1
                ? parts.getFirst().factors()
                : new JointAdaptation(ranges(Part::factors));
    }

    private Optional<Training> training() {
        if (parts.getFirst().training().isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(
                parts.size() == 1
                        ? parts.getFirst().training().get()
                        : new JointTraining(ranges(part -> part.training().orElseThrow())));
    }

    private <A> List<Range<A>> ranges(Function<Part, A> its) {
        List<Range<A>> ranges = new ArrayList<>();
        forEachPart((part, row) -> ranges.add(new Range<>(row, part.tokens(), its.apply(part))));
        return ranges;
    }

    private void forEachPart(PartAt each) {
        int row = 0;
        for (Part part : parts) {
            each.at(part, row);
            row += part.tokens();
        }
    }

    @FunctionalInterface
    private interface PartAt {
        void at(Part part, int row);
    }

    private Keep keep() {
        boolean isShort =
                sequences.lengths().stream().allMatch(length -> length <= KEEP_LIKELIHOODS);
        return isShort ? Keep.LIKELIHOODS : Keep.INPUTS;
    }

    private long[] tokens() {
        return parts.stream()
                .flatMap(part -> part.data().stream())
                .flatMapToInt(datum -> Arrays.stream(datum.tokens().toArray()))
                .asLongStream()
                .toArray();
    }
}
