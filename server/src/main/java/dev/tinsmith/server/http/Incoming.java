package dev.tinsmith.server.http;

import dev.tinsmith.protocol.codec.Zstd;
import io.javalin.http.Context;
import java.io.IOException;
import java.io.InputStream;
import java.util.Locale;
import java.util.Optional;

/// A request as the library has it.
final class Incoming implements Request {
    /// How much of a body that is too large is read and dropped, so that its sender, who is still
    /// writing, gets to read the refusal.
    private static final int MAX_DROPPED = 256 << 20;

    private final Context context;
    private final int maxBody;

    Incoming(Context context, int maxBody) {
        this.context = context;
        this.maxBody = maxBody;
    }

    @Override
    public String method() {
        return context.req().getMethod();
    }

    @Override
    public String path() {
        return context.path();
    }

    @Override
    public String part(String name) {
        return context.pathParam(name);
    }

    @Override
    public Optional<String> query(String name) {
        return Optional.ofNullable(context.queryParam(name));
    }

    @Override
    public Optional<String> header(String name) {
        return Optional.ofNullable(context.header(name));
    }

    @Override
    public String origin() {
        String scheme = header("X-Forwarded-Proto").orElse(context.req().getScheme());
        String host =
                header("X-Forwarded-Host")
                        .or(() -> header("Host"))
                        .orElseGet(() ->
                                context.req().getLocalAddr() + ":" + context.req().getLocalPort());
        return scheme + "://" + host;
    }

    @Override
    public byte[] body() {
        String encoding =
                header("Content-Encoding").orElse("identity").trim().toLowerCase(Locale.ROOT);
        if (encoding.equals("zstd")) {
            return Zstd.unpack(raw(), maxBody);
        }
        if (!encoding.equals("identity")) {
            throw new Refusal(
                    415,
                    "the content-encoding '%s' is not known to this server; send the body as it is, or as zstd"
                            .formatted(encoding));
        }
        return raw();
    }

    private byte[] raw() {
        try (InputStream stream = context.req().getInputStream()) {
            byte[] body = stream.readNBytes(maxBody);
            if (body.length == maxBody && stream.read() >= 0) {
                drop(stream);
                throw new Refusal(
                        413,
                        "the body has more than %d bytes; send fewer examples at once"
                                .formatted(maxBody));
            }
            return body;
        } catch (IOException _) {
            throw new Refusal(400, "the body broke off before its end");
        }
    }

    /// Drops what nobody read of the body. Left where it is, it would stand in the way of the next
    /// request of this connection, which would be closed under a client that means to use it.
    void finish() {
        try (InputStream stream = context.req().getInputStream()) {
            drop(stream);
        } catch (IOException _) {
            // The client is gone, and with it the connection.
        }
    }

    private static void drop(InputStream stream) throws IOException {
        byte[] room = new byte[1 << 16];
        long dropped = 0;
        int read = stream.read(room);
        while (read >= 0 && dropped < MAX_DROPPED) {
            dropped += read;
            read = stream.read(room);
        }
    }
}
