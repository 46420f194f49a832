package dev.tinsmith.server.http;

import io.javalin.Javalin;
import io.javalin.compression.CompressionStrategy;
import io.javalin.config.JavalinConfig;
import io.javalin.http.Context;
import io.javalin.http.HandlerType;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.ServerConnector;

/// The open port. Each request is handled on a virtual thread of its own.
public final class Http implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger(Http.class.getName());

    private final Javalin library;

    private Http(Javalin library) {
        this.library = library;
    }

    /// Opens the port; 0 takes a free one.
    ///
    /// @throws PortException if it cannot be opened
    public static Http listen(
            String host, int port, Limits limits, List<Route> routes, Door door, AccessLog log) {
        Javalin library =
                Javalin.create(config -> {
                    settle(config, host, port, limits);
                    for (Route route : routes) {
                        config.routes.addHttpHandler(
                                HandlerType.findOrCreate(route.method().name()),
                                route.path(),
                                context -> answer(context, route, limits, door, log));
                    }
                    config.routes.error(404, context -> unknown(context, limits, log));
                });
        try {
            return new Http(library.start());
        } catch (RuntimeException failure) {
            throw new PortException(
                    "port %d of %s cannot be opened: another program has it, or this one may not; choose another"
                            .formatted(port, host),
                    failure);
        }
    }

    /// Where it listens.
    public int port() {
        return library.port();
    }

    /// Closes the port.
    @Override
    public void close() {
        library.stop();
    }

    private static void settle(JavalinConfig config, String host, int port, Limits limits) {
        config.concurrency.useVirtualThreads = true;
        config.startup.showJavalinBanner = false;
        config.startup.showOldJavalinVersionWarning = false;
        config.startup.startupWatcherEnabled = false;
        config.http.compressionStrategy = CompressionStrategy.NONE;
        config.jetty.addConnector((server, http) -> {
            http.setSendServerVersion(false);
            ServerConnector connector =
                    new ServerConnector(server, 1, 2, new HttpConnectionFactory(http));
            connector.setHost(host);
            connector.setPort(port);
            connector.setAcceptQueueSize(4096);
            connector.setIdleTimeout(limits.idle().toMillis());
            return connector;
        });
        config.jetty.modifyServer(server -> server.setErrorHandler(new LastResort()));
    }

    private static void answer(
            Context context, Route route, Limits limits, Door door, AccessLog log)
            throws IOException {
        long from = System.nanoTime();
        Incoming request = new Incoming(context, limits.maxBody());
        Reply reply = reply(request, route.handler(), door);
        request.finish();
        send(context, reply);
        log.answered(
                request.method(),
                request.path(),
                reply.status(),
                Duration.ofNanos(System.nanoTime() - from),
                client(request));
    }

    private static String client(Request request) {
        return request.header("User-Agent").orElse("-");
    }

    static Reply reply(Request request, Handler handler, Door door) {
        try {
            return handler.handle(request);
        } catch (Refusal refusal) {
            return refusal.reply();
        } catch (RuntimeException failure) {
            return door.explain(failure).orElseGet(() -> unexpected(request, failure)).reply();
        } catch (Error failure) {
            return unexpected(request, failure).reply();
        }
    }

    private static Refusal unexpected(Request request, Throwable failure) {
        LOG.log(
                System.Logger.Level.ERROR,
                "answering %s %s".formatted(request.method(), request.path()),
                failure);
        return new Refusal(500, "the server failed; its log says why");
    }

    private static void unknown(Context context, Limits limits, AccessLog log) throws IOException {
        if (context.res().isCommitted()) {
            return;
        }
        Incoming request = new Incoming(context, limits.maxBody());
        request.finish();
        send(
                context,
                Refusal.missing(
                                "there is no %s %s on this server"
                                        .formatted(request.method(), request.path()))
                        .reply());
        log.answered(request.method(), request.path(), 404, Duration.ZERO, client(request));
    }

    /// Writes past the library's own result, which would be sent in chunks.
    private static void send(Context context, Reply reply) throws IOException {
        context.result("");
        HttpServletResponse response = context.res();
        response.setStatus(reply.status());
        response.setContentType(reply.contentType());
        reply.headers().forEach(response::setHeader);
        boolean head = context.req().getMethod().equals("HEAD");
        switch (reply.content()) {
            case Reply.Bytes memory -> {
                response.setContentLength(memory.bytes().length);
                if (!head) {
                    response.getOutputStream().write(memory.bytes());
                }
            }
            case Reply.File file -> {
                try {
                    response.setContentLengthLong(Files.size(file.path()));
                    if (!head) {
                        OutputStream out = response.getOutputStream();
                        Files.copy(file.path(), out);
                    }
                } finally {
                    file.sent().run();
                }
            }
        }
        response.flushBuffer();
    }
}
