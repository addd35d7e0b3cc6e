/** Memory that the process takes and does not need: found, and given back. */
@NullMarked
package dev.outrider.proxy.app.footprint;

import org.jspecify.annotations.NullMarked;
