/// The Hub's own shapes of URL, for the files that a tokenizer is made from.
@NullMarked
package dev.tinsmith.server.hub;

import org.jspecify.annotations.NullMarked;
