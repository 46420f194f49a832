/// A client's visit: it begins, gives signs of life, and ends; what it left open ends after it.
@NullMarked
package dev.tinsmith.server.session;

import org.jspecify.annotations.NullMarked;
