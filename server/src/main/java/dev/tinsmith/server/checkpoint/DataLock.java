package dev.tinsmith.server.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/// A data directory is used by one process at a time. The lock goes with the process, however it
/// ends.
final class DataLock implements AutoCloseable {
    static final String FILE = "tinsmith.lock";

    private final FileChannel channel;

    private DataLock(FileChannel channel) {
        this.channel = channel;
    }

    /// @throws StoreException if another process has it; it says which
    static DataLock take(Path dataDirectory) {
        Path file = dataDirectory.resolve(FILE);
        try {
            FileChannel channel =
                    FileChannel.open(
                            file,
                            StandardOpenOption.CREATE,
                            StandardOpenOption.READ,
                            StandardOpenOption.WRITE);
            if (lock(channel).isEmpty()) {
                channel.close();
                throw taken(dataDirectory, Files.readString(file).strip());
            }
            channel.truncate(0);
            channel.write(
                    ByteBuffer.wrap(
                            Long.toString(ProcessHandle.current().pid())
                                    .getBytes(StandardCharsets.UTF_8)));
            return new DataLock(channel);
        } catch (IOException failure) {
            throw new StoreException(
                    "the data directory '%s' cannot be locked; may this user write there?"
                            .formatted(dataDirectory),
                    failure);
        }
    }

    private static Optional<FileLock> lock(FileChannel channel) throws IOException {
        try {
            return Optional.ofNullable(channel.tryLock());
        } catch (OverlappingFileLockException _) {
            return Optional.empty();
        }
    }

    private static StoreException taken(Path dataDirectory, String pid) {
        return new StoreException(
                "the data directory '%s' is in use by process %s; stop that one, or choose another directory with --data"
                        .formatted(dataDirectory, pid.isEmpty() ? "(unknown)" : pid));
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException failure) {
            throw new StoreException("the data directory cannot be unlocked", failure);
        }
    }
}
