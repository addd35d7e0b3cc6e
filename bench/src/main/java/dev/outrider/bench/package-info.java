/** Outrider bench. */
@NullMarked
package dev.outrider.bench;

import org.jspecify.annotations.NullMarked;
