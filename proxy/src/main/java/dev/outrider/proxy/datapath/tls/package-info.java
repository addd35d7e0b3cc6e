/**
 * Stage 4. Before: the filter chain is chosen and wants TLS. After: the peer is verified and the bytes are plain. Hands over: {@code TlsPeer}. Runs on:
 * the connection's event loop; contexts are shared.
 */
@NullMarked
package dev.outrider.proxy.datapath.tls;

import org.jspecify.annotations.NullMarked;
