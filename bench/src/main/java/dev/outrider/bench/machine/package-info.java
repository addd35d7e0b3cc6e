/**
 * A machine's sidecar on a mesh's configuration: over ADS and mutual TLS, as istiod sent it for Bookinfo, or of a thousand services made after it. Says how long
 * it takes to be ready and what it weighs.
 */
@NullMarked
package dev.outrider.bench.machine;

import org.jspecify.annotations.NullMarked;
