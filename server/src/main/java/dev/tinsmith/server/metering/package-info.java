/// What was done for whom: operations and stored bytes come in, hours and amounts go out.
@NullMarked
package dev.tinsmith.server.metering;

import org.jspecify.annotations.NullMarked;
