/// The real client against the packed server: each test starts the server as its own process, plays
/// a scenario of `conformance/python/scenarios` in another, and says what must come of it.
@NullMarked
package dev.tinsmith.conformance.client;

import org.jspecify.annotations.NullMarked;
