/** Outrider dns. */
@NullMarked
package dev.outrider.dns;

import org.jspecify.annotations.NullMarked;
