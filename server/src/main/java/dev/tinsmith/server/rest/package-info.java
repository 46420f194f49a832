/// What there is and what became of it: runs, checkpoints, sessions, keys, usage, the audit log.
/// Requests come in, rooms are asked, answers go out; nothing here trains or samples.
@NullMarked
package dev.tinsmith.server.rest;

import org.jspecify.annotations.NullMarked;
