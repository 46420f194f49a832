package dev.tinsmith.server.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.tinsmith.engine.graph.LossGraph;
import dev.tinsmith.server.database.Blank;
import dev.tinsmith.server.future.Owner;
import dev.tinsmith.server.run.SessionId;
import java.util.List;
import org.junit.jupiter.api.Test;

class UploadedLossesTest {
    private static final SessionId MINE = new SessionId("mine");
    private static final SessionId OTHER = new SessionId("other");

    private final UploadedLosses losses = new UploadedLosses(new SessionTable(Blank.database()));

    private static SessionTable.Loss upload(SessionId session) {
        return new SessionTable.Loss(
                session, new Owner("ann"), new SessionTable.Request(new byte[0]));
    }

    private static LossGraph graph(String name) {
        return new LossGraph(name, List.of(), List.of());
    }

    @Test
    void aLossIsFoundInItsOwnSessionOnly() {
        LossId id = losses.keep(upload(MINE), 0, "a", graph("a"));

        assertThat(losses.find(MINE, id)).contains(graph("a"));
        assertThat(losses.find(OTHER, id)).isEmpty();
    }

    @Test
    void aRequestThatComesTwiceKeepsOneLoss() {
        LossId first = losses.keep(upload(MINE), 0, "a", graph("a"));

        assertThat(losses.keep(upload(MINE), 0, "a", graph("a"))).isEqualTo(first);
    }

    @Test
    void aNumberIsNotUsedForAnotherLoss() {
        LossId _ = losses.keep(upload(MINE), 0, "a", graph("a"));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> losses.keep(upload(MINE), 0, "b", graph("b")))
                .withMessageContaining("custom_loss_seq_id is 0");
    }

    @Test
    void aSessionKeepsSoManyAndNoMore() {
        for (int number = 0; number < UploadedLosses.MAX; number++) {
            LossId _ = losses.keep(upload(MINE), number, "a" + number, graph("a"));
        }

        assertThatIllegalArgumentException()
                .isThrownBy(() -> losses.keep(upload(MINE), UploadedLosses.MAX, "b", graph("b")))
                .withMessageContaining("has 64 losses already");
        assertThat(losses.keep(upload(OTHER), 0, "a", graph("a")).value())
                .isEqualTo("other:loss:0");
    }

    @Test
    void aSessionsEndIsTheEndOfItsLosses() {
        LossId id = losses.keep(upload(MINE), 0, "a", graph("a"));

        losses.closeAll(MINE);

        assertThat(losses.find(MINE, id)).isEmpty();
    }
}
