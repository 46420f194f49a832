package dev.tinsmith.protocol;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Marks a request that a newer client may send with fields that this server does not know: they
/// are left out, and logged once. What decides about results, such as the settings of a loss, a
/// sample, an adapter or an optimizer, is never marked, so that an unknown one is refused.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface Envelope {}
