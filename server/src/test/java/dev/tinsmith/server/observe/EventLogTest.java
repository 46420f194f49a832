package dev.tinsmith.server.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

class EventLogTest {
    private static SequencedMap<String, Object> facts(String name, Object value) {
        SequencedMap<String, Object> facts = new LinkedHashMap<>();
        facts.put("run", "s:train:0");
        facts.put(name, value);
        return facts;
    }

    @Test
    void anEventIsOneLineOfNamesAndValues() {
        assertThat(EventLog.line("saved", facts("bytes", 12)))
                .isEqualTo("saved run=s:train:0 bytes=12");
    }

    @Test
    void aValueCannotBeginALineOfItsOwn() {
        assertThat(EventLog.line("saved", facts("name", "x\" ok\nforged")))
                .isEqualTo("saved run=s:train:0 name=\"x\\\" ok\\u000aforged\"");
    }

    @Test
    void requestsThatFailAreLoggedAsWarningsOthersOnlyIfAskedFor() {
        Logger logger = Logger.getLogger("tinsmith.test.access");
        Kept kept = new Kept();
        logger.addHandler(kept);
        logger.setUseParentHandlers(false);
        EventLog log = new EventLog("tinsmith.test.access");
        log.answered("GET", "/api/v1/healthz", 200, Duration.ofMillis(3), "-");
        log.answered("POST", "/api/v1/asample", 500, Duration.ofMillis(3), "Tinker 1");
        log.happened("started", facts("port", 8000));

        assertThat(kept.lines)
                .containsExactly(
                        Level.WARNING
                                + " answered method=POST path=/api/v1/asample status=500 ms=3 client=\"Tinker 1\"",
                        Level.INFO + " started run=s:train:0 port=8000");
    }
}
