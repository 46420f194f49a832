package dev.tinsmith.server.observe;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;

class CountersTest {
    @Test
    void everythingIsCountedByItself() {
        Counters counters = new Counters();
        counters.request();
        counters.trained(128);
        counters.sampled(64);
        counters.workWaits(3);
        counters.workWaits(-1);
        counters.samplesWait(1);

        assertThat(counters.read()).isEqualTo(new Counters.Reading(1, 128, 64, 0, 2, 1));
    }

    @Test
    void manyThreadsMayCount() {
        Counters counters = new Counters();
        try (ExecutorService each = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 100; i++) {
                each.execute(counters::request);
            }
        }

        assertThat(counters.read().requests()).isEqualTo(100);
    }
}
