/** The load generator and the backend: one JVM of its own on one loop, told by lines on its standard input what to do. */
@NullMarked
package dev.outrider.bench.load;

import org.jspecify.annotations.NullMarked;
