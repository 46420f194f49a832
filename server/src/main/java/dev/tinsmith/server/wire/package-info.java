/// How requests name things: names, places, stretches of lists and versions come in as they were
/// written, and go on as the rooms have them.
@NullMarked
package dev.tinsmith.server.wire;

import org.jspecify.annotations.NullMarked;
