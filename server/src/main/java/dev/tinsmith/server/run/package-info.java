/// Training runs: who owns one, on which base, and the lane that its work goes through.
@NullMarked
package dev.tinsmith.server.run;

import org.jspecify.annotations.NullMarked;
