package dev.tinsmith.server.rest;

import dev.tinsmith.protocol.Rest;
import dev.tinsmith.protocol.TinkerPath.Kind;
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
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Files of external checkpoints, fetched without a key by whoever was given the address.
final class DownloadsApi {
    static final String ADDRESS = "/files/{owner}/{run}/{name}/{file}";

    private final Checkpoints checkpoints;
    private final AddressBook addresses;

    DownloadsApi(Checkpoints checkpoints, AddressBook addresses) {
        this.checkpoints = checkpoints;
        this.addresses = addresses;
    }

    Reply urls(Request request) {
        CheckpointPath path = path(request);
        Checkpoint checkpoint =
                checkpoints
                        .find(Caller.current().owner(), path)
                        .orElseThrow(() ->
                                Refusal.missing("there is no checkpoint '%s'".formatted(path)));
        Instant end = addresses.end();
        SortedMap<String, String> urls = new TreeMap<>();
        for (String file : files(checkpoint.folder())) {
            String place =
                    "/files/"
                            + String.join(
                                    "/",
                                    checkpoint.owner().value(),
                                    path.run().value(),
                                    path.name(),
                                    file);
            urls.put(file, addresses.address(request, place, end));
        }
        checkpoints.wasRead(Caller.current().owner(), checkpoint, Purpose.DOWNLOAD);
        return Reply.json(new Rest.DownloadUrls(urls, end));
    }

    /// The address was signed, so its owner is the one who asked for it.
    Reply file(Request request) {
        addresses.check(request);
        String name = request.part("file");
        return checkpoints
                .find(new Owner(request.part("owner")), path(request))
                .filter(checkpoint -> files(checkpoint.folder()).contains(name))
                .map(checkpoint ->
                        Reply.file(checkpoint.folder().resolve(name), "application/octet-stream"))
                .orElseThrow(() ->
                        Refusal.missing("this file is no longer there; save the weights again"));
    }

    private static CheckpointPath path(Request request) {
        return Names.checkpoint(
                "the address",
                Names.runId(request.part("run")),
                Kind.EXTERNAL_WEIGHTS,
                request.part("name"));
    }

    /// What of a folder is for others.
    static List<String> files(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS))
                    .map(file -> file.getFileName().toString())
                    .filter(name -> name.startsWith("adapter_"))
                    .sorted()
                    .toList();
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
