/// Bytes in, records out, and the way back: JSON, protobuf, zstd. What cannot be read is a
/// [dev.tinsmith.protocol.codec.MalformedException] that names the place.
@NullMarked
package dev.tinsmith.protocol.codec;

import org.jspecify.annotations.NullMarked;
