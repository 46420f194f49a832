package dev.tinsmith.server.http;

import dev.tinsmith.protocol.ErrorBody;
import dev.tinsmith.protocol.codec.Json;
import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/// Answers what never reaches a handler, such as a line that is not HTTP, in the same shape as
/// everything else: JSON, and of a known length, since clients take a chunked 400 for a glitch.
final class LastResort extends ErrorHandler {
    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        boolean ours = response.getStatus() == 500;
        byte[] body =
                Json.write(
                        new ErrorBody(
                                ours
                                        ? "the server failed; its log says why"
                                        : "this is not an HTTP request that the server understands"));
        response.getHeaders().put(new HttpField(HttpHeader.CONTENT_TYPE, "application/json"));
        response.getHeaders().put(HttpHeader.CONTENT_LENGTH, body.length);
        response.getHeaders().put(HttpHeader.CONNECTION, "close");
        response.write(true, ByteBuffer.wrap(body), callback);
        return true;
    }
}
