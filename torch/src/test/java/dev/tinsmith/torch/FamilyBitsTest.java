package dev.tinsmith.torch;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinsmith.engine.RunId;
import dev.tinsmith.engine.Weights;
import dev.tinsmith.engine.Work;
import dev.tinsmith.torch.ops.DeviceKind;
import dev.tinsmith.torch.ops.DtypeChoice;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// What [SameBitsTest] says of a Llama holds for biases, norms of heads, windows, caps and experts:
/// for every family that there is.
class FamilyBitsTest {
    private static final RunId RUN = new RunId("run");
    private static final int VOCABULARY = 288;

    static Stream<Arguments> families() {
        return GoldenCase.families()
                .flatMap(name ->
                        Stream.of(DtypeChoice.FP32, DtypeChoice.BF16)
                                .map(dtype -> Arguments.of(name, dtype)));
    }

    private static TorchEngine trained(GoldenCase golden, DtypeChoice dtype) {
        TorchEngine engine =
                TorchEngine.open(new TorchEngine.Options(dtype, 1, 512, DeviceKind.CPU));
        engine.compute(new Work.Load(RUN, golden.base(), golden.adapter(), false));
        return engine;
    }

    private static int[] text(Random random, int length) {
        return random.ints(length, 0, VOCABULARY).toArray();
    }

    @ParameterizedTest
    @MethodSource("families")
    void aTextIsScoredAndContinuedAsItIsTrained(String name, DtypeChoice dtype) {
        GoldenCase golden = new GoldenCase(name);
        Weights weights = new Weights.Adapted(golden.base(), golden.adapter());
        try (TorchEngine engine = trained(golden, dtype)) {
            for (int length : List.of(1, 7, 70)) {
                Asking.assertAsTrained(
                        engine, RUN, weights, text(new Random(length), length), name);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void inCompanyAndAlone(String name, DtypeChoice dtype) {
        Random random = new Random(11);
        List<int[]> texts = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            texts.add(text(random, 2 + random.nextInt(100)));
        }
        try (TorchEngine engine = trained(new GoldenCase(name), dtype)) {
            List<float[]> alone =
                    texts.stream()
                            .map(text -> Asking.forward(engine, RUN, List.of(text)).getFirst())
                            .toList();
            for (int mixture = 0; mixture < 10; mixture++) {
                List<Integer> order = new ArrayList<>();
                for (int i = 0; i < texts.size(); i++) {
                    order.add(i);
                }
                Collections.shuffle(order, random);
                List<float[]> mixed =
                        Asking.forward(engine, RUN, order.stream().map(texts::get).toList());
                for (int i = 0; i < order.size(); i++) {
                    assertThat(mixed.get(i)).isEqualTo(alone.get(order.get(i)));
                }
            }
        }
    }
}
