package dev.tinsmith.server.http;

/// Which handler answers which requests.
///
/// @param path with `{name}` for a part that varies, `<name>` for one that may hold slashes
public record Route(Method method, String path, Handler handler) {

    /// The methods of HTTP that this server knows.
    public enum Method {
        /// Reads.
        GET,
        /// Reads, without the body.
        HEAD,
        /// Asks for something to be done.
        POST,
        /// Sets.
        PUT,
        /// Removes.
        DELETE
    }
}
