/**
 * Stage 10. Before: an endpoint was chosen. After: a connection or stream to it stands. Hands over: {@code UpstreamConnection} (TCP) or
 * {@code HttpStream.Request}. Runs on: the downstream connection's event loop; pools are per loop and never cross.
 */
@NullMarked
package dev.outrider.proxy.datapath.upstream;

import org.jspecify.annotations.NullMarked;
