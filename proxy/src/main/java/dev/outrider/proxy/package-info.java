/** Outrider proxy. */
@NullMarked
package dev.outrider.proxy;

import org.jspecify.annotations.NullMarked;
