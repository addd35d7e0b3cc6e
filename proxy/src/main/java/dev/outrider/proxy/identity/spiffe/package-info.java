/** Certificates from a SPIFFE Workload API, such as SPIRE's agent on this machine serves: it renews, we follow. Identity thread. */
@NullMarked
package dev.outrider.proxy.identity.spiffe;

import org.jspecify.annotations.NullMarked;
