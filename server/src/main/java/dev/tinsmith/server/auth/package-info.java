/// Keys come in, callers go out.
@NullMarked
package dev.tinsmith.server.auth;

import org.jspecify.annotations.NullMarked;
