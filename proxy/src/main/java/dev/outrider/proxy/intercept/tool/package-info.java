/** The machine's own rule tools, run. */
@NullMarked
package dev.outrider.proxy.intercept.tool;

import org.jspecify.annotations.NullMarked;
