/// Models from the Hugging Face Hub: a repository's name comes in, its verified files lie in a
/// folder.
@NullMarked
package dev.tinsmith.models.hub;

import org.jspecify.annotations.NullMarked;
