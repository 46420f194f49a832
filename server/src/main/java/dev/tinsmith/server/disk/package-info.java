/// Files and directories that survive what may befall a disk: written whole or not at all, and
/// there when we say so.
@NullMarked
package dev.tinsmith.server.disk;

import org.jspecify.annotations.NullMarked;
