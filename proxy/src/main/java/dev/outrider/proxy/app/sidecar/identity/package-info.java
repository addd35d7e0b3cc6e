/** Whom a sidecar speaks as: its identities together, and their certificates for the pages. */
@NullMarked
package dev.outrider.proxy.app.sidecar.identity;

import org.jspecify.annotations.NullMarked;
