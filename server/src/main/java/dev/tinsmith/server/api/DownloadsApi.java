package dev.tinsmith.server.api;

import dev.tinsmith.protocol.Rest;
import dev.tinsmith.protocol.TinkerPath.Kind;
import dev.tinsmith.server.auth.Caller;
import dev.tinsmith.server.checkpoint.Checkpoint;
import dev.tinsmith.server.checkpoint.CheckpointPath;
import dev.tinsmith.server.checkpoint.Checkpoints;
import dev.tinsmith.server.future.Owner;
import dev.tinsmith.server.http.Refusal;
import dev.tinsmith.server.http.Reply;
import dev.tinsmith.server.http.Request;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Files of external checkpoints, fetched without a key by whoever was given the address.
final class DownloadsApi {
    private static final String FILES = "/files/";

    private final Checkpoints checkpoints;
    private final Signatures signatures;
    private final InstantSource clock;
    private final Duration lifetime;
    private final Optional<URI> externalUrl;

    DownloadsApi(
            Checkpoints checkpoints,
            InstantSource clock,
            Duration lifetime,
            Optional<URI> externalUrl) {
        this.checkpoints = checkpoints;
        this.signatures = new Signatures(clock);
        this.clock = clock;
        this.lifetime = lifetime;
        this.externalUrl = externalUrl;
    }

    Reply urls(Request request) {
        CheckpointPath path = path(request);
        Checkpoint checkpoint =
                checkpoints
                        .find(Caller.current().owner(), path)
                        .orElseThrow(() ->
                                Refusal.missing("there is no checkpoint '%s'".formatted(path)));
        Instant expires = clock.instant().plus(lifetime).truncatedTo(ChronoUnit.SECONDS);
        String origin = externalUrl.map(URI::toString).orElseGet(request::origin);
        SortedMap<String, String> urls = new TreeMap<>();
        for (String file : files(checkpoint.folder())) {
            String address =
                    FILES
                            + String.join(
                                    "/",
                                    checkpoint.owner().value(),
                                    path.run().value(),
                                    path.name(),
                                    file);
            urls.put(file, origin + signatures.sign(address, expires));
        }
        return Reply.json(new Rest.DownloadUrls(urls, expires));
    }

    /// The address was signed, so its owner is the one who asked for it.
    Reply file(Request request) {
        signatures.check(
                request.path(),
                request.query("expires").orElse(""),
                request.query("signature").orElse(""));
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
        return Border.checkpoint(
                "the address",
                Border.runId(request.part("run")),
                Kind.EXTERNAL_WEIGHTS,
                request.part("name"));
    }

    private static List<String> files(Path folder) {
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
