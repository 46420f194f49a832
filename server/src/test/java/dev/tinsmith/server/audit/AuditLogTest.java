package dev.tinsmith.server.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinsmith.server.future.Owner;
import dev.tinsmith.server.future.SteppedClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.LocalDate;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditLogTest {
    private static final LocalDate TODAY = LocalDate.parse("2026-11-24");

    @TempDir private Path data;

    private final SteppedClock clock = new SteppedClock();
    private AuditLog log;

    @BeforeEach
    void open() {
        log = AuditLog.open(data, clock);
    }

    private AuditEntry entry(String event, String name) {
        return new AuditEntry(
                clock.instant(), event, new Owner("ann"), new TreeMap<>(Map.of("name", name)));
    }

    @Test
    void whatIsNotedIsThereAfterARestartDayByDay() {
        AuditEntry first = entry("checkpoint_created", "a \"quoted\"\nname");
        log.note(first);
        clock.pass(Duration.ofHours(13));
        AuditEntry second = entry("checkpoint_deleted", "b");
        log.note(second);

        AuditLog again = AuditLog.open(data, clock);
        assertThat(again.of(TODAY)).containsExactly(first);
        assertThat(again.of(TODAY.plusDays(1))).containsExactly(second);
        assertThat(again.of(TODAY.plusDays(2))).isEmpty();
    }

    @Test
    void aLineThatACrashCutOffSpoilsNoOther() throws IOException {
        AuditEntry first = entry("checkpoint_created", "a");
        AuditEntry second = entry("checkpoint_created", "b");
        log.note(first);
        Files.writeString(
                data.resolve("audit/2026-11-24.jsonl"),
                "{\"timestamp\":\"2026",
                StandardOpenOption.APPEND);
        log.note(second);
        assertThat(log.of(TODAY)).containsExactly(first, second);
    }

    @Test
    void daysLongPastAreDeleted() {
        log.note(entry("checkpoint_created", "a"));
        clock.pass(Duration.ofDays(AuditLog.DAYS));
        log.sweep();
        assertThat(log.of(TODAY)).hasSize(1);
        clock.pass(Duration.ofDays(1));
        log.sweep();
        assertThat(log.of(TODAY)).isEmpty();
    }

    @Test
    void aDayIsBounded() {
        String long16k = "x".repeat(1 << 14);
        for (int i = 0; i < 1100; i++) {
            log.note(entry("checkpoint_created", long16k));
        }
        assertThat(log.of(TODAY)).hasSizeBetween(1000, 1024);
    }
}
