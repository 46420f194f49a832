package dev.tinsmith.server.wire;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tinsmith.server.api.Asked;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReaderTest {
    @ParameterizedTest
    @CsvSource({
        "AsyncTinker/Python 0.38.0, true",
        "AsyncTinker/Python 0.28.0, true",
        "AsyncTinker/Python 0.27.2, false",
        "Tinker/Python 0.9.0, false",
        "AsyncTinker/Python 1.2.0, true",
        "AsyncTinker/Python 99999999999.0.0, true",
        "curl/8.5.0, true"
    })
    void onlyOfficialClientsBefore28KnowNoExportedCheckpoints(String agent, boolean knows) {
        Asked asked = Asked.get("/api/v1/checkpoints").withHeader("User-Agent", agent);

        assertThat(Reader.knowsExternal(asked)).isEqualTo(knows);
    }
}
