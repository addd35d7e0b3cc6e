/**
 * Stage 1. Before: the kernel has a connection for us. After: it is accepted, counted, given to the listener of its destination, its chain
 * chosen and its TLS established. Hands over: {@code DownstreamConnection} to the chain's program. Runs on: the connection's event loop;
 * listeners are configured on the control loop.
 */
@NullMarked
package dev.outrider.proxy.datapath.listener;

import org.jspecify.annotations.NullMarked;
