package dev.tinsmith.server.rest;

import dev.tinsmith.protocol.Rest;
import dev.tinsmith.server.auth.Caller;
import dev.tinsmith.server.checkpoint.Checkpoint;
import dev.tinsmith.server.checkpoint.CheckpointEvent.Purpose;
import dev.tinsmith.server.checkpoint.CheckpointPath;
import dev.tinsmith.server.checkpoint.Checkpoints;
import dev.tinsmith.server.future.Owner;
import dev.tinsmith.server.http.Refusal;
import dev.tinsmith.server.http.Reply;
import dev.tinsmith.server.http.Request;
import dev.tinsmith.server.wire.Names;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/// A checkpoint as PEFT reads it, in one file: so older clients fetch what is theirs.
final class ArchivesApi {
    static final String ADDRESS = "/archives/{owner}/{run}/{kind}/{name}";

    /// Its presence tells those clients that nothing is missing.
    private static final String WHOLE = "checkpoint_complete";

    /// Two digits for the day, which the formatter of the JDK leaves to one.
    private static final DateTimeFormatter HTTP_DATE =
            DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
                    .withZone(ZoneOffset.UTC);

    private final Checkpoints checkpoints;
    private final AddressBook addresses;

    ArchivesApi(Checkpoints checkpoints, AddressBook addresses) {
        this.checkpoints = checkpoints;
        this.addresses = addresses;
    }

    /// A redirection that those clients read and do not follow.
    Reply url(Request request) {
        Owner owner = Caller.current().owner();
        CheckpointPath path = path(request);
        Checkpoint checkpoint = find(owner, path);
        Instant end = addresses.end();
        String place =
                "/archives/%s/%s/%s/%s"
                        .formatted(owner.value(), path.run(), path.kind().segment(), path.name());
        checkpoints.wasRead(owner, checkpoint, Purpose.DOWNLOAD);
        String address = addresses.address(request, place, end);
        return Reply.json(302, new Rest.Archive(address, end))
                .with("Location", address)
                .with("Expires", HTTP_DATE.format(end));
    }

    /// The address was signed, so its owner is the one who asked for it.
    Reply file(Request request) {
        addresses.check(request);
        Checkpoint checkpoint = find(new Owner(request.part("owner")), path(request));
        Path folder = checkpoints.draftForOthers(checkpoint);
        try {
            Path archive = folder.resolve("archive.tar");
            try (Tar tar = Tar.into(archive, checkpoint.time())) {
                for (String name : DownloadsApi.files(folder)) {
                    tar.add(folder.resolve(name));
                }
                tar.addEmpty(WHOLE);
            }
            return Reply.passing(archive, "application/x-tar", () -> checkpoints.discard(folder));
        } catch (IOException failure) {
            checkpoints.discard(folder);
            throw new UncheckedIOException(failure);
        }
    }

    private Checkpoint find(Owner owner, CheckpointPath path) {
        return checkpoints
                .find(owner, path)
                .orElseThrow(() -> Refusal.missing("there is no checkpoint '%s'".formatted(path)));
    }

    private static CheckpointPath path(Request request) {
        return Names.path(
                "the address",
                "tinker://%s/%s/%s"
                        .formatted(
                                request.part("run"), request.part("kind"), request.part("name")));
    }
}
