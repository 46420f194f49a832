/// The adapter to the HTTP library: a request comes in, bounded and unpacked, a reply goes out, and
/// whatever goes wrong leaves through one door.
@NullMarked
package dev.tinsmith.server.http;

import org.jspecify.annotations.NullMarked;
