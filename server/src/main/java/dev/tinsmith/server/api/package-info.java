/// One file per resource of the protocol: decode, ask a room, encode, nothing else. The only place
/// that knows both what travels and what is computed.
@NullMarked
package dev.tinsmith.server.api;

import org.jspecify.annotations.NullMarked;
