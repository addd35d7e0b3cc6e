/** The soak: mixed load with configuration pushed every second, and what must not grow meanwhile. */
@NullMarked
package dev.outrider.bench.soak;

import org.jspecify.annotations.NullMarked;
