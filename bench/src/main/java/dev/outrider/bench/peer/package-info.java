/** What is compared: Outrider, Envoy on the same bootstrap file, haproxy on its like. */
@NullMarked
package dev.outrider.bench.peer;

import org.jspecify.annotations.NullMarked;
