package dev.tinsmith.torch.attention;

import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/// Attention within whole prompts that also lays their keys and values up for decoding.
public final class PrefillMixer implements Mixer {
    private final SequenceMixer mixer;
    private final Sequences sequences;
    private final List<Shelf> shelves;

    /// @param shelves where each sequence goes
    public PrefillMixer(SequenceMixer mixer, Sequences sequences, List<Shelf> shelves) {
        this.mixer = mixer;
        this.sequences = sequences;
        this.shelves = new ArrayList<>(shelves);
    }

    /// Where a prompt's keys and values go: `slots` slots from `first` on, a copy in each.
    public record Shelf(KvSlab slab, int first, int slots) {}

    @Override
    public Mixed mix(int layer, Tensor qkv_TO) {
        Mixed mixed = mixer.mix(layer, qkv_TO);
        int start = 0;
        for (int index = 0; index < shelves.size(); index++) {
            int length = sequences.lengths().get(index);
            Shelf shelf = shelves.get(index);
            shelf.slab()
                    .fill(
                            layer,
                            shelf.first(),
                            shelf.slots(),
                            SequenceMixer.keys(mixed).narrow(1, start, length),
                            SequenceMixer.values(mixed).narrow(1, start, length));
            start += Products.padded(length);
        }
        return mixed;
    }
}
