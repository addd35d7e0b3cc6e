/** Ports of the mesh's hosts, as the DNS shim needs them for SRV: read from clusters and listeners, since the name table has none. */
@NullMarked
package dev.outrider.proxy.app.sidecar.port;

import org.jspecify.annotations.NullMarked;
