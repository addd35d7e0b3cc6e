/**
 * Stage 2. Before: a connection was accepted. After: it is known where the client wanted to go. Hands over: {@code InetSocketAddress}. Runs
 * on: the connection's event loop.
 */
@NullMarked
package dev.outrider.proxy.datapath.origdst;

import org.jspecify.annotations.NullMarked;
