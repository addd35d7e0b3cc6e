/**
 * Stage 5 for connections that are served as bytes: a chain's network filters compiled into one program, which chooses cluster and host,
 * connects, and hands both connections to the relay. Runs on: the connection's event loop; programs are shared.
 */
@NullMarked
package dev.outrider.proxy.datapath.protocol.tcp;

import org.jspecify.annotations.NullMarked;
