package dev.tinsmith.cli.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import dev.tinsmith.cli.terminal.Refusal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoryTest {

    @Test
    void anEventIsALineOfJsonAndAnythingElseARemark() {
        assertThat(
                        Event.parse(
                                "{\"event\":\"step\",\"step\":1,\"of\":2,\"loss\":1.5,\"tokens\":7,\"seconds\":0.5}"))
                .isEqualTo(new Event.Step(1, 2, 1.5, 7, 0.5));
        assertThat(
                        Event.parse(
                                "{\"event\":\"sample\",\"when\":\"after\",\"question\":\"q\",\"answer\":\"a\"}"))
                .isEqualTo(new Event.Answer("after", "q", "a"));
        assertThat(Event.parse("{\"event\":\"saved\",\"path\":\"tinker://x\"}"))
                .isEqualTo(new Event.Saved("tinker://x"));
        assertThat(Event.parse("hello")).isEqualTo(new Event.Remark("hello"));
    }

    @Test
    void anEventThatLacksAPartIsRefused() {
        assertThatExceptionOfType(Refusal.class)
                .isThrownBy(() -> Event.parse("{\"event\":\"step\",\"step\":1}"))
                .withMessageContaining("is no event");
    }

    @Test
    void theFallIsMeasuredFromTheFirstEighthToTheLast() {
        Story story = story(2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0.5, 0.5);

        assertThat(story.firstLoss()).isCloseTo(1.5, within(1e-9));
        assertThat(story.lastLoss()).isCloseTo(0.5, within(1e-9));
        assertThat(story.fall()).isCloseTo(2.0 / 3, within(1e-9));
        assertThat(story.fellEnough()).isTrue();
    }

    @Test
    void aLossThatHardlyFellIsNotEnough() {
        assertThat(story(1, 1, 0.9).fellEnough()).isFalse();
        assertThat(story().fellEnough()).isFalse();
    }

    @Test
    void thePlotHasAColumnForEachStep() {
        String plot = new LossPlot(story(2, 1, 0.5).steps()).text();

        assertThat(plot.lines().filter(line -> line.contains("┤")).count()).isEqualTo(8);
        assertThat(plot).contains("2.00 ┤█  ", "0.25 ┤███");
    }

    @Test
    void theReportIsOnePageWithAllItNeeds(@TempDir Path folder) throws IOException {
        Story story = story(2, 1, 0.5);
        story.add(new Event.Answer("before", "<q>", "a & b"));
        Path file = folder.resolve("report.html");

        Report.write(file, story, List.of(new Report.Fact("Rank", "32")), List.of("./tinsmith"));

        assertThat(Files.readString(file))
                .contains(
                        "<svg", "<polyline", "&lt;q&gt;", "a &amp; b", "Rank", "./tinsmith", "75 %")
                .doesNotContain("src=", "href=");
    }

    @Test
    void withoutATerminalEachStepIsALine() {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        Screen screen = new Screen(new PrintStream(said, true, StandardCharsets.UTF_8), false);

        story(2, 1).steps().forEach(screen::show);

        assertThat(said.toString(StandardCharsets.UTF_8))
                .contains("step   1/2  loss 2.000", "step   2/2  loss 1.000")
                .doesNotContain("\r");
    }

    private static Story story(double... losses) {
        Story story = new Story();
        for (int i = 0; i < losses.length; i++) {
            story.add(new Event.Step(i + 1, losses.length, losses[i], 100, i + 1));
        }
        return story;
    }
}
