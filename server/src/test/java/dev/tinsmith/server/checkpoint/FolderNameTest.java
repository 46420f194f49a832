package dev.tinsmith.server.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FolderNameTest {
    @ParameterizedTest
    @ValueSource(strings = {"6d1f-ab:train:0", "a", "..", ".x", "a/../b", "ä%/\\ \n", "%3A", "a.b"})
    void anyNameBecomesAPlainFolderAndComesBack(String name) {
        String folder = FolderName.of(name);

        assertThat(folder).matches("[A-Za-z0-9_%-][A-Za-z0-9._%-]*");
        assertThat(FolderName.read(folder)).isEqualTo(name);
    }

    @Test
    void aRunsNameStaysLegible() {
        assertThat(FolderName.of("6d1f-ab:train:0")).isEqualTo("6d1f-ab%3Atrain%3A0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a b", ".drafts", "a:b", "%3a", "%+1", "%zz", "a%", "Ā"})
    void aFolderThatIsNotOursIsRefused(String folder) {
        assertThatThrownBy(() -> FolderName.read(folder))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
