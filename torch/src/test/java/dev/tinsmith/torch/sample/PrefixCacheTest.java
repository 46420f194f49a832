package dev.tinsmith.torch.sample;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinsmith.engine.Tokens;
import dev.tinsmith.torch.Tiny;
import dev.tinsmith.torch.attention.KvSlab;
import dev.tinsmith.torch.lora.Adaptation;
import dev.tinsmith.torch.lora.Added;
import dev.tinsmith.torch.lora.Site;
import dev.tinsmith.torch.nn.Decoder;
import dev.tinsmith.torch.ops.Dtype;
import dev.tinsmith.torch.weights.Bases;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrefixCacheTest {
    private static final int BLOCK = PrefixCache.BLOCK;

    @TempDir private Path directory;
    private final Bases bases = new Bases(Dtype.F32);
    private Optional<Decoder> decoder = Optional.empty();

    @BeforeEach
    void load() {
        decoder = Optional.of(bases.of(Tiny.base(directory)));
    }

    @AfterEach
    void close() {
        bases.close();
    }

    private PrefixCache.Model model(Adaptation adaptation) {
        return new PrefixCache.Model(decoder.orElseThrow(), adaptation);
    }

    private KvSlab desk() {
        return KvSlab.ofOne(decoder.orElseThrow().spec(), Dtype.F32, 8 * BLOCK);
    }

    private long size() {
        try (KvSlab desk = desk()) {
            return desk.bytes(BLOCK);
        }
    }

    /// Blocks of tokens that all have the block's number.
    private static Tokens text(int... blocks) {
        return Tokens.of(
                IntStream.of(blocks)
                        .flatMap(block -> IntStream.generate(() -> block).limit(BLOCK))
                        .toArray());
    }

    private void keep(PrefixCache cache, Adaptation adaptation, int... blocks) {
        try (KvSlab desk = desk()) {
            cache.keep(model(adaptation), text(blocks), desk);
        }
    }

    private int known(PrefixCache cache, Adaptation adaptation, int... blocks) {
        try (KvSlab desk = desk()) {
            return cache.read(model(adaptation), text(blocks), 8 * BLOCK, desk) / BLOCK;
        }
    }

    @Test
    void whatWasUsedLeastRecentlyGoesFirstAndNothingBeforeWhatContinuesIt() {
        try (PrefixCache cache = new PrefixCache(4 * size())) {
            keep(cache, Adaptation.NONE, 1, 2, 3);
            keep(cache, Adaptation.NONE, 7);
            assertThat(known(cache, Adaptation.NONE, 1, 9)).isEqualTo(1);

            keep(cache, Adaptation.NONE, 8);
            assertThat(cache.bytes()).isEqualTo(4 * size());
            assertThat(known(cache, Adaptation.NONE, 1, 2, 3)).isEqualTo(2);
            keep(cache, Adaptation.NONE, 5, 6);
            assertThat(known(cache, Adaptation.NONE, 7)).isZero();
            assertThat(known(cache, Adaptation.NONE, 8)).isZero();
            assertThat(known(cache, Adaptation.NONE, 1, 2, 3)).isEqualTo(2);
        }
    }

    @Test
    void ofALongTextTheBeginningStays() {
        try (PrefixCache cache = new PrefixCache(3 * size() + 1)) {
            keep(cache, Adaptation.NONE, 9);
            keep(cache, Adaptation.NONE, 1, 2, 3, 4, 5);
            assertThat(cache.bytes()).isEqualTo(3 * size());
            assertThat(known(cache, Adaptation.NONE, 1, 2, 3, 4, 5)).isEqualTo(3);
        }
    }

    @Test
    void anAdaptersTextsAreItsOwnAndGoWithIt() {
        Adaptation other = new Nothing();
        try (PrefixCache cache = new PrefixCache(100 * size())) {
            keep(cache, Adaptation.NONE, 1, 2);
            keep(cache, other, 1, 2, 3);
            cache.forget(other);
            assertThat(known(cache, other, 1, 2, 3)).isZero();
            assertThat(known(cache, Adaptation.NONE, 1, 2, 3)).isEqualTo(2);
            assertThat(cache.bytes()).isEqualTo(2 * size());
        }
    }

    @Test
    void withoutRoomNothingIsKept() {
        try (PrefixCache cache = new PrefixCache(0)) {
            keep(cache, Adaptation.NONE, 1, 2);
            assertThat(cache.bytes()).isZero();
            assertThat(known(cache, Adaptation.NONE, 1, 2)).isZero();
        }
    }

    private static final class Nothing implements Adaptation {
        @Override
        public Optional<Added> at(int layer, Site site, int expert) {
            return Optional.empty();
        }

        @Override
        public Optional<Added> unembedding() {
            return Optional.empty();
        }
    }
}
