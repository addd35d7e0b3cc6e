/**
 * Stage 5. Before: TLS, if any, is established. After: the connection's bytes are requests and each runs its course: sanitised, filtered,
 * routed, forwarded, logged. Hands over: request heads to filters and routes, streams to the upstream stage. Runs on: the downstream
 * connection's event loop; programs are compiled off it.
 */
@NullMarked
package dev.outrider.proxy.datapath.protocol;

import org.jspecify.annotations.NullMarked;
