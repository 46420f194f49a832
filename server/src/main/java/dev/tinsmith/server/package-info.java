/// The server, assembled: its configuration comes in, an open port goes out.
@NullMarked
package dev.tinsmith.server;

import org.jspecify.annotations.NullMarked;
