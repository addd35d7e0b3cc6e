/** Tests of what the DNS shim is told about ports. */
@NullMarked
package dev.outrider.proxy.app.sidecar.port;

import org.jspecify.annotations.NullMarked;
