package dev.tinsmith.protocol.rest;

import dev.tinsmith.protocol.Envelope;
import dev.tinsmith.protocol.Metadata;
import dev.tinsmith.protocol.Service;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/// The visits of clients, as they are listed, searched and moved.
public final class Sessions {
    private Sessions() {}

    /// A page of names, newest first.
    public record Listed(List<String> sessions) {}

    /// What one visit made.
    public record Told(
            List<String> trainingRunIds,
            List<String> samplerIds,
            Metadata userMetadata,
            Optional<String> displayName) {}

    /// Into which project it goes.
    @Envelope
    public record Move(String projectId) {}

    /// What is looked for: what is absent does not matter. Of `sessionId` and `displayName` one is
    /// enough.
    ///
    /// @param displayName words that must all occur in the name, whatever their case
    public record Search(
            Optional<String> sessionId,
            Optional<List<String>> projectIds,
            Optional<Metadata> userMetadata,
            Optional<String> displayName,
            Optional<OwnerQuery> owner,
            Optional<List<StatusQuery>> statuses,
            Optional<Integer> limit,
            Optional<Cursor> cursor) {}

    /// Whose.
    ///
    /// @param type `own`, `accessible` or `user`
    public record OwnerQuery(String type, Optional<List<String>> ownerUrns) {}

    /// How it stands.
    ///
    /// @param type `active`, `cancelled`, `failed` or `client_finished`
    /// @param reasons of those that their client finished
    public record StatusQuery(String type, Optional<List<String>> reasons) {}

    /// After which visit the next page begins.
    public record Cursor(Instant lastCreatedAt, String lastSessionId) {}

    /// A page of what was found, newest first.
    public record Found(List<Summary> sessions, Optional<Cursor> nextCursor) {}

    /// One visit, in short.
    ///
    /// @param status absent if it neither goes on nor was finished
    public record Summary(
            String sessionId,
            Instant createdAt,
            String owner,
            String projectId,
            Optional<Status> status,
            int checkpointsCount,
            Optional<String> displayName,
            Metadata userMetadata,
            long checkpointStorageBytes) {}

    /// How a visit stands.
    ///
    /// @param type `active` or `client_finished`
    public record Status(
            String type, Optional<Service.Finish.Reason> reason, Optional<String> detail) {}

    /// Whether a trace can be fetched.
    ///
    /// @param status `ready`, since it is made when it is fetched
    public record TraceExport(String status, String url) {}
}
