/**
 * Stage 6. Before: a request's head is sanitised and its route looked up. After: it may go on, or was answered. Hands over: changed heads,
 * metadata in {@code StreamInfo}, the ALPN list for upstream. Runs on: the downstream connection's event loop; steps are shared and immutable.
 */
@NullMarked
package dev.outrider.proxy.datapath.filter;

import org.jspecify.annotations.NullMarked;
