package dev.tinsmith.torch.pass;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinsmith.torch.pass.Packs.Pack;
import java.util.List;
import org.junit.jupiter.api.Test;

class PacksTest {
    @Test
    void sequencesArePackedInOrderUntilTheBudgetIsFull() {
        assertThat(Packs.of(List.of(3, 4, 3, 9, 1), 10))
                .containsExactly(new Pack(0, 3), new Pack(3, 5));
    }

    @Test
    void aSequenceOverTheBudgetIsAPackOfItsOwn() {
        assertThat(Packs.of(List.of(2, 50, 2), 10))
                .containsExactly(new Pack(0, 1), new Pack(1, 2), new Pack(2, 3));
    }

    @Test
    void nothingIsNoPack() {
        assertThat(Packs.of(List.of(), 10)).isEmpty();
    }
}
