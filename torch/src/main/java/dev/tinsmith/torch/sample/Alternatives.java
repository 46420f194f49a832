package dev.tinsmith.torch.sample;

import dev.tinsmith.engine.Floats;
import dev.tinsmith.engine.Outcome;
import dev.tinsmith.engine.Sample;
import dev.tinsmith.engine.Tokens;
import dev.tinsmith.torch.draw.Draw;
import dev.tinsmith.torch.draw.Likeliest;
import dev.tinsmith.torch.draw.RandomStream;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.IntStream;

/// Tokens drawn in place of each token of a prompt, with replacement, as the sample's temperature
/// has it and from the whole vocabulary: top k and top p are of the continuation alone.
final class Alternatives implements PromptReading {
    private final int count;
    private final double temperature;
    private final long seed;
    private final int[] ids;
    private final float[] logprobs;

    Alternatives(Sample sample) {
        this.count = sample.score().alternatives();
        this.temperature = sample.spec().temperature();
        this.seed = sample.spec().seed();
        this.ids = new int[count * (sample.prompt().length() - 1)];
        this.logprobs = new float[ids.length];
    }

    @Override
    public int first() {
        return 1;
    }

    @Override
    public void read(Position at, int position) {
        int[] drawn = draw(at, new RandomStream(seed, -position));
        System.arraycopy(drawn, 0, ids, count * (position - 1), count);
        System.arraycopy(at.logprobs(drawn), 0, logprobs, count * (position - 1), count);
    }

    private int[] draw(Position at, RandomStream stream) {
        if (Position.isGreedy(temperature)) {
            int[] same = new int[count];
            Arrays.fill(same, Likeliest.of(at.logits(), 1)[0]);
            return same;
        }
        return Draw.several(
                at.weights(temperature),
                IntStream.range(0, count).mapToDouble(stream::uniform).toArray());
    }

    Optional<Outcome.Alternatives> result() {
        return count == 0
                ? Optional.empty()
                : Optional.of(new Outcome.Alternatives(count, Tokens.of(ids), Floats.of(logprobs)));
    }
}
