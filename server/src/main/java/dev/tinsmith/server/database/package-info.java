/// The records: one database, its schema, and what every table needs. Each room keeps its own SQL
/// in its own table class.
@NullMarked
package dev.tinsmith.server.database;

import org.jspecify.annotations.NullMarked;
