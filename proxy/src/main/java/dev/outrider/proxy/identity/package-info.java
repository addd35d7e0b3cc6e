/**
 * Who we are and whom we trust: certificates, keys, trust bundles, SPIFFE identities, and the TLS contexts made of them. Bottom of the path. Contexts
 * are built on the thread that first needs them after a change; everything here is safe on any thread.
 */
@NullMarked
package dev.outrider.proxy.identity;

import org.jspecify.annotations.NullMarked;
