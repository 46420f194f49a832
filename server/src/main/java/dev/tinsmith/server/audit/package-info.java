/// Who did what, and when: happenings come in, and are written down, a file a day.
@NullMarked
package dev.tinsmith.server.audit;

import org.jspecify.annotations.NullMarked;
