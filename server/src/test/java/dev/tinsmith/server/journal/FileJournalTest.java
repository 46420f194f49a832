package dev.tinsmith.server.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileJournalTest {
    private static final String RUN = "s:train:0";

    @TempDir private Path directory;

    private static Entry entry(String line, long sequence) {
        byte[] request =
                "request %d of %s".formatted(sequence, line).getBytes(StandardCharsets.UTF_8);
        return Entry.of(Verb.PASS, "ann", line, sequence, "print " + sequence, request);
    }

    private static Entry sample(long sequence) {
        return Entry.of(Verb.SAMPLE, "ann", "s:sample:0", sequence, "", new byte[] {1});
    }

    private FileJournal journal(List<Entry> replayed) {
        FileJournal journal =
                FileJournal.open(
                        directory,
                        lost -> {
                            throw lost;
                        });
        journal.replay(replayed::add);
        return journal;
    }

    private void write(Entry... entries) {
        try (FileJournal journal = journal(new ArrayList<>())) {
            for (Entry entry : entries) {
                journal.append(entry).await();
            }
        }
    }

    private List<String> replayed() {
        List<String> names = new ArrayList<>();
        try (FileJournal journal =
                FileJournal.open(
                        directory,
                        lost -> {
                            throw lost;
                        })) {
            journal.replay(entry -> names.add(entry.name()));
        }
        return names;
    }

    private Path file() throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.sorted().findFirst().orElseThrow();
        }
    }

    @Test
    void whatWasWrittenComesBackInOrder() {
        write(entry(RUN, 1), entry(RUN, 3), entry(RUN, 2));

        List<String> told = new ArrayList<>();
        try (FileJournal journal =
                FileJournal.open(
                        directory,
                        lost -> {
                            throw lost;
                        })) {
            journal.replay(entry ->
                    told.add(
                            entry.verb()
                                    + entry.owner()
                                    + entry.fingerprint()
                                    + new String(entry.payload(), StandardCharsets.UTF_8)));
        }

        assertThat(told)
                .containsExactly(
                        "PASSannprint 1request 1 of s:train:0",
                        "PASSannprint 3request 3 of s:train:0",
                        "PASSannprint 2request 2 of s:train:0");
    }

    @Test
    void manyWritersAreHeardEachInItsOwnOrder() {
        try (FileJournal journal = journal(new ArrayList<>());
                ExecutorService each = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int run = 0; run < 16; run++) {
                String line = "s:train:" + run;
                each.execute(() -> {
                    for (int i = 0; i < 20; i++) {
                        journal.append(entry(line, i)).await();
                    }
                });
            }
        }

        List<String> all = replayed();
        assertThat(all).hasSize(320);
        assertThat(all.stream().filter(name -> name.startsWith("s:train:7:")).toList())
                .containsExactlyElementsOf(
                        Stream.iterate(0, i -> i + 1)
                                .limit(20)
                                .map(i -> "s:train:7:" + i)
                                .toList());
    }

    @Test
    void aFileIsDroppedOnceNobodyNeedsIt() throws IOException {
        write(entry(RUN, 1), entry(RUN, 2), sample(5));
        Path old = file();
        try (FileJournal journal = journal(new ArrayList<>())) {
            assertThat(journal.span(RUN)).contains(new Span(1, 2));
            journal.passed(RUN, 2);
            assertThat(old).exists();
            journal.passed(RUN, 3);
            assertThat(old).exists();
            journal.told("s:sample:0:5");

            assertThat(old).doesNotExist();
            assertThat(journal.span(RUN)).isEqualTo(Optional.empty());
        }
    }

    @Test
    void anEndThatWasNotWrittenIsCutOffWhereverItWasCut() throws IOException {
        write(entry(RUN, 1), entry(RUN, 2));
        byte[] whole = Files.readAllBytes(file());
        int first = Segment.MAGIC.length + entry(RUN, 1).bytes().remaining();
        for (int length = first; length < whole.length; length++) {
            Files.write(file(), java.util.Arrays.copyOf(whole, length));

            List<String> names = new ArrayList<>();
            new Segment(file()).read(entry -> names.add(entry.name()));
            assertThat(names).as("cut at %d", length).containsExactly("s:train:0:1");
        }
    }

    @Test
    void aFlippedBitIsFoundAndConcernsOneRequest() throws IOException {
        write(entry(RUN, 1), entry(RUN, 2), entry("s:train:1", 1));
        byte[] whole = Files.readAllBytes(file());
        int from = Segment.MAGIC.length + entry(RUN, 1).bytes().remaining();
        int until = from + entry(RUN, 2).bytes().remaining();
        for (int at = from; at < until; at++) {
            byte[] damaged = whole.clone();
            damaged[at] ^= (byte) (1 << new Random(at).nextInt(8));
            Files.write(file(), damaged);

            List<String> good = new ArrayList<>();
            List<String> bad = new ArrayList<>();
            new Segment(file())
                    .read(entry -> {
                        try {
                            assertThat(entry.payload()).isNotEmpty();
                            good.add(entry.name());
                        } catch (DamagedException damage) {
                            bad.add(damage.reason());
                        }
                    });
            assertThat(good).as("flipped at %d", at).containsExactly("s:train:0:1", "s:train:1:1");
            assertThat(bad)
                    .allSatisfy(reason -> assertThat(reason).contains("number 2 of 's:train:0'"));
        }
    }

    @Test
    void whatANewerVersionWroteIsRefusedByName() throws IOException {
        write(entry(RUN, 1));
        Files.write(
                file(), "tinjrnl9".getBytes(StandardCharsets.US_ASCII), StandardOpenOption.WRITE);

        assertThatThrownBy(this::replayed)
                .isInstanceOf(DamagedException.class)
                .hasMessageContaining("00000001.journal");
    }
}
