package dev.tinsmith.server;

import dev.tinsmith.server.api.ClientFlags;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/// Everything about a server that its operator may choose.
///
/// @param host the address to listen on
/// @param port 0 takes a free one
/// @param data the directory that holds all that must survive: checkpoints, models, the first key
/// @param sessionTimeout how long a session may be silent before it is over
/// @param sessionGrace how long its runs are kept after that, so that a stalled client may recover
/// @param longPoll how long a client waits for a result before it is told to ask again; clients
///   give up at 45 seconds
/// @param resultRetention how long a result is kept for a client that has not fetched it
/// @param maxBody how many bytes a request may have, packed or unpacked
/// @param maxSamplesWaiting how many samples may wait before clients are told to slow down
/// @param clients how clients are told to behave
/// @param downloadLifetime how long the address of a file works that needs no key; clients ask
///   again below 5 minutes
/// @param externalUrl what clients reach this server as, if not as the `Host` they name
/// @param tokens whether clients change their key for short-lived tokens, which also say who they
///   are
public record ServerConfig(
        String host,
        int port,
        Path data,
        Duration sessionTimeout,
        Duration sessionGrace,
        Duration longPoll,
        Duration resultRetention,
        int maxBody,
        int maxSamplesWaiting,
        ClientFlags clients,
        Duration downloadLifetime,
        Optional<URI> externalUrl,
        boolean tokens) {
    public ServerConfig {
        between("port", port, 0, 65_535);
        between("maxBody", maxBody, 1 << 16, 1 << 30);
        between("maxSamplesWaiting", maxSamplesWaiting, 1, 1_000_000);
        between("longPoll in seconds", longPoll.toSeconds(), 0, 40);
        between("sessionTimeout in seconds", sessionTimeout.toSeconds(), 20, 1_000_000);
        between("downloadLifetime in seconds", downloadLifetime.toSeconds(), 600, 1_000_000);
    }

    /// What a server does whose operator chose nothing.
    public static ServerConfig defaults() {
        return new ServerConfig(
                "127.0.0.1",
                8000,
                Path.of("data"),
                Duration.ofMinutes(5),
                Duration.ofMinutes(10),
                Duration.ofSeconds(30),
                Duration.ofHours(1),
                32 << 20,
                2048,
                ClientFlags.DEFAULT,
                Duration.ofHours(2),
                Optional.empty(),
                true);
    }

    private static void between(String name, long value, long least, long most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(
                    "%s is %d; it must be %d to %d".formatted(name, value, least, most));
        }
    }
}
