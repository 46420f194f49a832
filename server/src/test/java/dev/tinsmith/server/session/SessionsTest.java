package dev.tinsmith.server.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tinsmith.server.database.Blank;
import dev.tinsmith.server.future.MissingException;
import dev.tinsmith.server.future.Owner;
import dev.tinsmith.server.future.SteppedClock;
import dev.tinsmith.server.run.SessionId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SessionsTest {
    private static final Owner ANN = new Owner("ann");
    private static final Owner BOB = new Owner("bob");
    private static final Duration TIMEOUT = Duration.ofMinutes(5);
    private static final Duration GRACE = Duration.ofMinutes(10);

    private final SteppedClock clock = new SteppedClock();
    private final List<SessionId> closed = new ArrayList<>();
    private final Sessions sessions =
            new Sessions(
                    new SessionTable(Blank.database()),
                    clock,
                    TIMEOUT,
                    GRACE,
                    List.of(closed::add));

    private SessionId begun() {
        return sessions.create(ANN, Optional.empty(), NewSession.NAMELESS);
    }

    private static SessionFacts.Finish finish(String reason) {
        return new SessionFacts.Finish(reason, Optional.empty());
    }

    private void pass(Duration time) {
        clock.pass(time);
        sessions.sweep();
    }

    @Test
    void everyVisitHasANameOfItsOwn() {
        assertThat(begun()).isNotEqualTo(begun());
    }

    @Test
    void theSameRequestBeginsOneVisit() {
        SessionId first = sessions.create(ANN, Optional.of("key"), NewSession.NAMELESS);

        assertThat(sessions.create(ANN, Optional.of("key"), NewSession.NAMELESS)).isEqualTo(first);
        assertThat(sessions.create(ANN, Optional.of("other"), NewSession.NAMELESS))
                .isNotEqualTo(first);
        assertThat(sessions.create(BOB, Optional.of("key"), NewSession.NAMELESS))
                .isNotEqualTo(first);
    }

    @Test
    void signsOfLifeKeepAVisitAlive() {
        SessionId id = begun();
        for (int i = 0; i < 100; i++) {
            pass(TIMEOUT);
            sessions.alive(ANN, id);
        }

        assertThat(closed).isEmpty();
    }

    @Test
    void aClientThatStalledMayComeBackDuringTheGrace() {
        SessionId id = begun();
        pass(TIMEOUT.plus(GRACE).minusSeconds(1));

        assertThatCode(() -> sessions.alive(ANN, id)).doesNotThrowAnyException();
        pass(GRACE);
        assertThat(closed).isEmpty();
    }

    @Test
    void silenceBeyondTheGraceEndsAVisitAndClosesWhatItLeftOnce() {
        SessionId id = begun();
        pass(TIMEOUT.plus(GRACE));
        pass(Duration.ofMinutes(1));

        assertThat(closed).containsExactly(id);
        assertThatThrownBy(() -> sessions.alive(ANN, id))
                .isInstanceOfSatisfying(
                        SessionOverException.class,
                        over ->
                                assertThat(over.reason())
                                        .isEqualTo(
                                                "session '%s' is over: nothing was heard of it for 15 minutes; begin a new one"
                                                        .formatted(id)));
    }

    @Test
    void silenceCountsEvenIfNobodySwept() {
        SessionId id = begun();
        clock.pass(TIMEOUT.plus(GRACE));

        assertThatThrownBy(() -> sessions.alive(ANN, id)).isInstanceOf(SessionOverException.class);
    }

    @Test
    void aFinishedVisitIsOverAtOnceAndItsLeavingsAreClosedAfterTheGrace() {
        SessionId id = begun();
        sessions.finish(ANN, id, finish("success"));
        sessions.finish(ANN, id, finish("errored"));

        assertThatThrownBy(() -> sessions.alive(ANN, id))
                .isInstanceOf(SessionOverException.class)
                .hasMessageContaining("finished it as 'success'");
        pass(GRACE.minusSeconds(1));
        assertThat(closed).isEmpty();
        pass(Duration.ofSeconds(1));
        assertThat(closed).containsExactly(id);
    }

    @Test
    void aStrangersVisitIsNotThere() {
        SessionId id = begun();

        assertThatThrownBy(() -> sessions.alive(BOB, id)).isInstanceOf(MissingException.class);
        assertThatThrownBy(() -> sessions.finish(BOB, id, finish("success")))
                .isInstanceOfSatisfying(
                        MissingException.class,
                        missing ->
                                assertThat(missing.reason())
                                        .isEqualTo("there is no session '%s'".formatted(id)));
    }

    @Test
    void aVisitLongOverIsForgottenAndSoIsItsKey() {
        SessionId id = sessions.create(ANN, Optional.of("key"), NewSession.NAMELESS);
        sessions.finish(ANN, id, finish("success"));
        pass(Duration.ofDays(16));

        assertThatThrownBy(() -> sessions.alive(ANN, id)).isInstanceOf(MissingException.class);
        assertThat(sessions.create(ANN, Optional.of("key"), NewSession.NAMELESS)).isNotEqualTo(id);
    }
}
