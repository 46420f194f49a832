/// The base models that this server offers, and their limits.
@NullMarked
package dev.tinsmith.server.catalog;

import org.jspecify.annotations.NullMarked;
