package dev.tinsmith.server.http;

import java.time.Duration;

/// What the HTTP adapter puts up with.
///
/// @param maxBody how many bytes a request may have, before and after unpacking
/// @param idle how long a connection may be silent; longer than any long poll
public record Limits(int maxBody, Duration idle) {}
