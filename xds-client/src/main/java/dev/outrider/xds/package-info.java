/** Outrider xds. */
@NullMarked
package dev.outrider.xds;

import org.jspecify.annotations.NullMarked;
