/// What clients asked for, on the disk before they are told that it was heard: requests go in as
/// they came, and come out in the same order after a restart.
@NullMarked
package dev.tinsmith.server.journal;

import org.jspecify.annotations.NullMarked;
