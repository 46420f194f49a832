package dev.tinsmith.torch.nn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.tinsmith.torch.model.FeedForwardSpec;
import dev.tinsmith.torch.ops.Matrix;
import dev.tinsmith.torch.ops.Ops;
import dev.tinsmith.torch.ops.Scope;
import java.util.List;
import org.junit.jupiter.api.Test;

class RouterTest {
    private static final int WIDTH = 2;

    /// Four experts; the second and the third cannot be told apart, the last is never likely.
    private static Router router(boolean normalized) {
        float[] weight = new float[32 * WIDTH];
        float[] own = {1, 0, 0, 1, 0, 1, -9, -9};
        System.arraycopy(own, 0, weight, 0, own.length);
        FeedForwardSpec.Experts experts =
                new FeedForwardSpec.Experts(
                        4, 2, normalized, "mlp", List.of("gate_proj", "up_proj", "down_proj"));
        return new Router(experts, Matrix.of(Ops.floats(weight, 32, WIDTH)));
    }

    @Test
    void ofEquallyLikelyExpertsTheFirstIsChosen() {
        try (Scope _ = Scope.open()) {
            Router.Routes routes = router(true).route(Ops.floats(new float[] {3, 1}, 1, 2));

            assertThat(routes.rows().get(0)).containsExactly(0);
            assertThat(routes.rows().get(1)).containsExactly(0);
            assertThat(routes.rows().get(2)).isEmpty();
            assertThat(routes.rows().get(3)).isEmpty();
        }
    }

    @Test
    void sharesAddUpToOneOrAreTheLikelihoodsThemselves() {
        try (Scope _ = Scope.open()) {
            float[] x = {1, 2};
            double first = Math.exp(1);
            double second = Math.exp(2);
            double all = first + 2 * second + Math.exp(-27);
            float[] shares = Ops.toFloats(router(false).route(Ops.floats(x, 1, 2)).share_TE());
            float[] normalized = Ops.toFloats(router(true).route(Ops.floats(x, 1, 2)).share_TE());

            assertThat(shares)
                    .containsExactly(
                            new float[] {0, (float) (second / all), (float) (second / all), 0},
                            within(1e-6f));
            assertThat(normalized).containsExactly(new float[] {0, 0.5f, 0.5f, 0}, within(1e-6f));
        }
    }

    @Test
    void aRowGoesWhereItWouldGoAlone() {
        try (Scope _ = Scope.open()) {
            Router router = router(true);
            float[] many = {1, 2, 3, 1, -1, -2, 0, 0, 5, 5, 2, -7};
            float[] together = Ops.toFloats(router.route(Ops.floats(many, 6, 2)).share_TE());

            for (int row = 0; row < 6; row++) {
                float[] alone = {many[2 * row], many[2 * row + 1]};
                float[] shares = Ops.toFloats(router.route(Ops.floats(alone, 1, 2)).share_TE());
                for (int expert = 0; expert < 4; expert++) {
                    assertThat(together[4 * row + expert]).isEqualTo(shares[expert]);
                }
            }
        }
    }
}
