/**
 * {@code outrider demo}: a mesh of loopback addresses in one process. A real ADS server over mutual TLS, a small certificate authority, sample
 * services, a second sidecar that stands for those of the cluster, and the machine's own.
 */
@NullMarked
package dev.outrider.proxy.demo;

import org.jspecify.annotations.NullMarked;
