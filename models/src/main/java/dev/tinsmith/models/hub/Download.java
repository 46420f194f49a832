package dev.tinsmith.models.hub;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.LongConsumer;

/// One file on its way from the Hub: a `.part` that grows, across failures and restarts, until it
/// is whole and verified.
final class Download implements Patience.Attempt<Optional<Checksum>> {
    private static final int BUFFER_BYTES = 1 << 18;
    private static final Duration STALL = Duration.ofSeconds(90);

    private final HubRequests requests;
    private final Status status;
    private final HubListing listing;
    private final HubListing.File file;
    private final Path part;
    private final LongConsumer progress;

    /// @param progress hears how many bytes there are
    Download(
            HubRequests requests,
            Status status,
            HubListing listing,
            HubListing.File file,
            Path into,
            LongConsumer progress) {
        this.requests = requests;
        this.status = status;
        this.listing = listing;
        this.file = file;
        this.part = HubListing.part(into, file);
        this.progress = progress;
    }

    /// Gets the rest of the file.
    ///
    /// @return the checksum that the Hub gave with it
    @Override
    public Optional<Checksum> once() throws IOException, InterruptedException {
        long have = reached();
        boolean there = Files.exists(part) && file.size().equals(OptionalLong.of(have));
        if (there && file.checksum().isPresent()) {
            return file.checksum();
        }
        if (file.size().isPresent() && have > file.size().getAsLong()) {
            Files.delete(part);
            have = 0;
        }
        String path =
                "/%s/resolve/%s/%s".formatted(listing.repo().path(), listing.commit(), file.name());
        try (HubRequests.Answer answer = requests.get(path, have)) {
            if (answer.status() == Status.RANGE_REFUSED) {
                Files.deleteIfExists(part);
                throw new IOException("the Hub has no bytes after " + have);
            }
            status.require(listing.repo(), file.name(), answer.status(), answer.headers());
            receive(answer, have);
            requireWhole(answer);
            return answer.checksum();
        }
    }

    private void receive(HubRequests.Answer answer, long have) throws IOException {
        boolean rest =
                answer.status() == Status.PARTIAL
                        && answer.headers()
                                .firstValue("Content-Range")
                                .filter(range -> range.startsWith("bytes %d-".formatted(have)))
                                .isPresent();
        if (!rest && answer.status() == Status.PARTIAL) {
            Files.deleteIfExists(part);
            throw new IOException("the Hub sent another part than the one asked for");
        }
        try (OutputStream out =
                        Files.newOutputStream(
                                part, CREATE, WRITE, rest ? APPEND : TRUNCATE_EXISTING);
                StallGuard guard = new StallGuard(answer.body(), STALL)) {
            copy(answer.body(), out, rest ? have : 0, guard);
        }
    }

    private void copy(InputStream in, OutputStream out, long have, StallGuard guard)
            throws IOException {
        byte[] buffer = new byte[BUFFER_BYTES];
        long done = have;
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            out.write(buffer, 0, read);
            done += read;
            guard.moved();
            progress.accept(done);
        }
    }

    private void requireWhole(HubRequests.Answer answer) throws IOException {
        long size = file.size().orElseGet(() -> answer.size().orElse(reached()));
        if (reached() < size) {
            throw new IOException("the connection broke off");
        }
    }

    /// Gives the file its name, if it is what the Hub says.
    ///
    /// @param given the checksum that came with the file
    /// @throws HubException if it is not; the part is gone then
    void finish(Path target, Optional<Checksum> given) throws IOException {
        long size = reached();
        boolean right = file.size().orElse(size) == size;
        Optional<Checksum> wanted = file.checksum().or(() -> given);
        if (!right || (wanted.isPresent() && !wanted.get().matches(part))) {
            Files.delete(part);
            throw new HubException(
                    "%s of %s came with other bytes than the Hub says; it was removed, run the same command again"
                            .formatted(file.name(), listing.repo()));
        }
        Files.move(part, target, StandardCopyOption.ATOMIC_MOVE);
    }

    /// How many bytes there are.
    @Override
    public long reached() {
        try {
            return Files.exists(part) ? Files.size(part) : 0;
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
