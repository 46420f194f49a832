package dev.tinsmith.server.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonObjectTest {
    @Test
    void whatItWritesItReads() {
        String awkward = "\"quoted\" \\ \n\t\u0001 ä 😀 \ud800 /";
        JsonObject written =
                new JsonObject()
                        .with("text", awkward)
                        .with(awkward, "name")
                        .with("least", Long.MIN_VALUE)
                        .with("yes", true)
                        .with("no", false)
                        .with("nested", new JsonObject().with("empty", new JsonObject()));

        JsonObject read = JsonObject.parse(written.toString());

        assertThat(read).hasToString(written.toString());
        assertThat(read.text("text")).isEqualTo(awkward);
        assertThat(read.text(awkward)).isEqualTo("name");
        assertThat(read.number("least")).isEqualTo(Long.MIN_VALUE);
        assertThat(read.truth("yes")).isTrue();
        assertThat(read.truth("no")).isFalse();
        assertThat(read.object("nested").object("empty").texts()).isEmpty();
    }

    @Test
    void itReadsWhatOthersWrite() {
        JsonObject read =
                JsonObject.parse(" {\"a\" :\"\\u00e4\\/\\b\\f\\r\",\r\n\t\"b\":-7 , \"c\":{}} \n");

        assertThat(read.text("a")).isEqualTo("ä/\b\f\r");
        assertThat(read.number("b")).isEqualTo(-7);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "[]",
                "{}x",
                "{\"a\"}",
                "{\"a\":}",
                "{\"a\":1,}",
                "{\"a\":tru}",
                "{\"a\":1.5}",
                "{\"a\":99999999999999999999}",
                "{\"a\":\"b}",
                "{\"a\":\"\\x\"}",
                "{\"a\":\"\\u12",
                "{\"a\":\"\\u12g4\"}",
                "{\"a\":null}",
                "{a:1}"
            })
    void anythingElseIsRefused(String text) {
        assertThatThrownBy(() -> JsonObject.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected");
    }

    @Test
    void objectsInObjectsWithoutEndAreRefused() {
        assertThatThrownBy(() -> JsonObject.parse("{\"a\":".repeat(100_000)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aMemberOfAnotherTypeIsNamed() {
        JsonObject read = JsonObject.parse("{\"a\":1,\"b\":\"x\"}");

        assertThatThrownBy(() -> read.text("a")).hasMessage("'a' must be a text");
        assertThatThrownBy(() -> read.number("b")).hasMessage("'b' must be a number");
        assertThatThrownBy(() -> read.truth("b")).hasMessage("'b' must be true or false");
        assertThatThrownBy(() -> read.object("b")).hasMessage("'b' must be an object");
        assertThatThrownBy(() -> read.text("c")).hasMessage("'c' is missing");
    }
}
