/// What an account asks about itself: its sessions, its usage, its audit log; what its clients tell
/// of themselves.
@NullMarked
package dev.tinsmith.protocol.rest;

import org.jspecify.annotations.NullMarked;
