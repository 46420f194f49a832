package dev.tinsmith.server.api;

import dev.tinsmith.protocol.Service;

/// How this server would like clients to behave, where they leave the choice to it.
///
/// @param samplesPerClient how many samples one client keeps under way
/// @param pyqwest whether they speak HTTP through pyqwest rather than httpx
/// @param zstd whether they pack what they train on
/// @param poll how they learn that samples are finished
/// @param join whether copies of a client ask for their numbers rather than guess
/// @param cancel whether they take back samples that nobody waits for any more
public record ClientFlags(
        int samplesPerClient,
        boolean pyqwest,
        boolean zstd,
        Poll poll,
        boolean join,
        boolean cancel) {
    public ClientFlags {
        if (samplesPerClient < 1 || samplesPerClient > 10_000) {
            throw new IllegalArgumentException(
                    "samplesPerClient is %d; it must be 1 to 10000".formatted(samplesPerClient));
        }
    }

    /// What suits most.
    public static final ClientFlags DEFAULT =
            new ClientFlags(256, true, true, Poll.EACH, true, true);

    /// How clients learn that samples are finished.
    public enum Poll {
        /// By asking for each; a connection is held for every sample under way.
        EACH,
        /// By asking for all of a sampler at once; nothing bounds how many are under way but the
        /// server.
        SESSION
    }

    /// @param tokens whether they shall change their key for a token
    Service.ClientConfig config(boolean tokens) {
        return new Service.ClientConfig(
                tokens,
                true,
                zstd,
                true,
                pyqwest,
                true,
                samplesPerClient,
                poll == Poll.SESSION,
                join);
    }
}
