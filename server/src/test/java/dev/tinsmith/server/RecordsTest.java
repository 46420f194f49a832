package dev.tinsmith.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinsmith.protocol.codec.WireTrace.Trace;
import dev.tinsmith.protocol.codec.WireTrace.TracePacket;
import dev.tinsmith.protocol.codec.WireTrace.TrackEvent;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Usage, the audit log and traces through the open port.
class RecordsTest {
    @TempDir private Path data;

    private Running running;
    private Visit visit;
    private String session;
    private String run;

    @BeforeEach
    void start() {
        running = Running.in(data);
        visit = running.visit;
        session = running.session();
        run = running.run(session);
    }

    @AfterEach
    void close() {
        running.close();
    }

    /// A pass of three tokens, a step, a checkpoint, two samples of four tokens each.
    private void work() {
        visit.result(running.pass(run, 1, 3, 4, 5));
        visit.result(running.step(run, 2, 1e-3));
        visit.result(running.save("save_weights", run, 3, "kept"));
        visit.result(running.sample(running.sampler(session, 0), 0, ""));
    }

    private String usage() {
        Instant hour = Instant.now().truncatedTo(ChronoUnit.HOURS);
        return visit.get(
                        "/api/v1/billing/usage/events?starting_on=%s&ending_before=%s"
                                .formatted(
                                        hour.minus(1, ChronoUnit.HOURS),
                                        hour.plus(2, ChronoUnit.HOURS)))
                .text();
    }

    @Test
    void whatIsUsedIsCounted() {
        work();
        String usage = usage();
        assertThat(usage)
                .contains(
                        "{\"type\":\"training\",\"token_count\":3}",
                        "{\"type\":\"sampling_prefill\",\"token_count\":3,\"cached\":false}",
                        "\"type\":\"sampling_sample\"",
                        "{\"type\":\"checkpoint\",\"count\":1}",
                        "{\"type\":\"storage\",\"gigabyte_hours\":",
                        "\"session_id\":\"%s\"".formatted(session),
                        "\"sessions\":{\"%s\":{".formatted(session));
        assertThat(visit.get("/api/v1/billing/usage/checkpoints/current").text())
                .contains("\"checkpoint_count\":1", "\"project_id\":\"default\"");
    }

    @Test
    void aRequestThatComesAgainIsCountedOnce() {
        visit.result(running.pass(run, 1, 3, 4, 5));
        visit.result(running.pass(run, 1, 3, 4, 5));
        assertThat(usage()).contains("{\"type\":\"training\",\"token_count\":3}");
    }

    @Test
    void aStretchOfTimeThatMakesNoSenseIsRefusedByName() {
        for (String[] asked :
                new String[][] {
                    {"2026-11-01T00:30:00Z", "2026-11-01T01:00:00Z", "starting_on"},
                    {"2026-11-01", "2026-11-01T01:00:00Z", "starting_on"},
                    {"2026-11-01T00:00:00", "2026-11-01T01:00:00Z", "starting_on"},
                    {"2026-11-01T00:00:00Z", "2026-11-01T00:00:00Z", "ending_before"},
                    {"2026-11-01T00:00:00Z", "2026-11-15T01:00:00Z", "14 days"},
                    {"2999-01-01T00:00:00Z", "2999-01-01T01:00:00Z", "future"},
                }) {
            Visit.Told told =
                    visit.get(
                            "/api/v1/billing/usage/events?starting_on="
                                    + asked[0]
                                    + "&ending_before="
                                    + asked[1]);
            assertThat(told.status()).isEqualTo(400);
            assertThat(told.text()).contains(asked[2]);
        }
        assertThat(visit.get("/api/v1/billing/usage/events").text())
                .contains("starting_on is missing");
    }

    @Test
    void theAuditLogTellsWhatWasDoneWithACheckpoint() {
        work();
        String place = "/api/v1/training_runs/" + run + "/checkpoints/weights/kept";
        assertThat(visit.post(place + "/publish", "").status()).isEqualTo(200);
        assertThat(visit.put(place + "/ttl", "{\"ttl_seconds\": 7200}").status()).isEqualTo(200);
        assertThat(visit.delete(place).status()).isEqualTo(200);
        visit.post(
                "/api/v1/sessions/" + session + "/finish", "{\"reason\": {\"type\": \"success\"}}");

        String all = visit.get("/api/v1/audit").text();
        assertThat(List.of("created", "published", "ttl_set", "deleted"))
                .allSatisfy(event -> assertThat(all).contains("\"checkpoint_" + event + "\""));
        assertThat(all)
                .contains("session_finished", "tml:organization_user:admin", run + "/weights/kept");
        assertThat(visit.get("/api/v1/audit?event_type=checkpoints").text())
                .contains("checkpoint_created")
                .doesNotContain("session_finished");
        assertThat(visit.get("/api/v1/audit?event_type=teams").text())
                .isEqualTo("{\"entries\":[]}");
        assertThat(visit.get("/api/v1/audit?day=2020-01-01").text()).isEqualTo("{\"entries\":[]}");
        assertThat(visit.get("/api/v1/audit?day=yesterday").text()).contains("'yesterday'");
        assertThat(visit.get("/api/v1/audit?event_type=cats").text()).contains("'cats'", "teams");
    }

    @Test
    void aSessionsTraceHoldsWhatItDidOnTracks() throws Exception {
        work();
        Visit.Told told = visit.get("/api/v1/sessions/" + session + "/trace_export");
        assertThat(told.field("status")).isEqualTo("ready");
        Trace trace = Trace.parseFrom(visit.fetch(told.field("url")).bytes());
        List<String> tracks =
                trace.getPacketList().stream()
                        .filter(TracePacket::hasTrackDescriptor)
                        .map(packet -> packet.getTrackDescriptor().getName())
                        .toList();
        assertThat(tracks)
                .contains("train:0", "sample:0", "queue", "pass", "step", "save", "sampling");
        assertThat(
                        trace.getPacketList().stream()
                                .filter(TracePacket::hasTrackEvent)
                                .map(packet -> packet.getTrackEvent().getType())
                                .filter(TrackEvent.Type.TYPE_SLICE_BEGIN::equals))
                .hasSize(10);
        Visit.Told forged =
                visit.fetch(told.field("url").replaceFirst("signature=.", "signature=x"));
        assertThat(forged.status()).isEqualTo(403);
    }

    @Test
    void aSessionThatIsNotThereHasNoTrace() {
        assertThat(visit.get("/api/v1/sessions/nobody/trace_export").status()).isEqualTo(404);
        String idle = running.session();
        String url = visit.get("/api/v1/sessions/" + idle + "/trace_export").field("url");
        assertThat(visit.fetch(url).status()).isEqualTo(404);
    }
}
