/** The closed model of what can go wrong on the data path, in Envoy's response flags. */
@NullMarked
package dev.outrider.proxy.failure;

import org.jspecify.annotations.NullMarked;
