package dev.tinsmith.models.hub;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// Downloads models from the Hugging Face Hub, or a server that speaks like it.
public final class HubClient implements AutoCloseable {
    private static final String HUB = "https://huggingface.co";
    private static final int MAX_LISTING_BYTES = 32 << 20;

    private final HubRequests requests;
    private final Status status;
    private final Patience patience;

    /// A client of `endpoint`.
    ///
    /// @param endpoint http or https, without a path's last slash
    /// @param token shown to `endpoint` and to nobody else
    public HubClient(URI endpoint, Optional<String> token, Sleeper sleeper) {
        this.requests = new HubRequests(endpoint, token);
        this.status = new Status(endpoint, token.isPresent());
        this.patience = new Patience(sleeper);
    }

    /// Hears how far a download has come.
    @FunctionalInterface
    public interface Progress {
        /// `done` of `total` bytes are there, and `file` is under way.
        void received(String file, long done, long total);
    }

    /// A client as `HF_ENDPOINT` and `HF_TOKEN` say.
    public static HubClient fromEnvironment(Map<String, String> environment) {
        String endpoint = environment.getOrDefault("HF_ENDPOINT", "").strip();
        String token = environment.getOrDefault("HF_TOKEN", "").strip();
        return new HubClient(
                address(endpoint.isEmpty() ? HUB : endpoint),
                Optional.of(token).filter(text -> !text.isEmpty()),
                Sleeper.REAL);
    }

    private static URI address(String text) {
        String plain = text.replaceFirst("/+$", "");
        if (!plain.matches("https?://[^\\s/?#@]+(/[^\\s?#]*)?")) {
            throw new HubException(
                    "HF_ENDPOINT is '%s'; it must be an address such as https://hub.example"
                            .formatted(text));
        }
        return URI.create(plain);
    }

    /// Which files `repo` has now.
    ///
    /// @throws HubException if it is not there, closed to us, or no model
    public HubListing list(HubRepo repo) {
        String path =
                "/api/models/%s/revision/%s?blobs=true"
                        .formatted(repo.path(), repo.revision().replace("/", "%2F"));
        byte[] answer = patience.persist(repo.toString(), () -> bytes(repo, path));
        return HubListing.parse(repo, answer);
    }

    private byte[] bytes(HubRepo repo, String path) throws IOException, InterruptedException {
        try (HubRequests.Answer answer = requests.get(path, 0);
                InputStream body = answer.body()) {
            status.require(repo, repo.toString(), answer.status(), answer.headers());
            return body.readNBytes(MAX_LISTING_BYTES);
        }
    }

    /// Brings every file of `listing` into `into`, and verifies it. Those that are there already
    /// stay as they are, parts are continued: after a failure the same call goes on where it ended.
    ///
    /// @throws HubException if the Hub does not give one
    public void download(HubListing listing, Path into, Progress progress) throws IOException {
        long done = 0;
        for (HubListing.File file : listing.files()) {
            Path target = into.resolve(file.name());
            if (!Files.exists(target)) {
                long before = done;
                Download download =
                        new Download(
                                requests,
                                status,
                                listing,
                                file,
                                into,
                                here ->
                                        progress.received(
                                                file.name(), before + here, listing.bytes()));
                download.finish(target, patience.persist(file.name(), download));
            }
            done += Files.size(target);
        }
    }

    /// Breaks off whatever is under way.
    @Override
    public void close() {
        requests.close();
    }
}
