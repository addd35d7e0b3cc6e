/** Tests of what the process gives back. */
@NullMarked
package dev.outrider.proxy.app.footprint;

import org.jspecify.annotations.NullMarked;
