/// What the losses of clients may ask for, under the names that PyTorch and Python give it: a file
/// for each family, and one list.
@NullMarked
package dev.tinsmith.engine.operators;

import org.jspecify.annotations.NullMarked;
