/**
 * Stage 11, HTTP. Before: the request's route and cluster are known. After: the answer went to the client, or a failure did. Hands over:
 * the result in {@code StreamInfo}. Runs on: the downstream connection's event loop, with its upstream streams.
 */
@NullMarked
package dev.outrider.proxy.datapath.relay.http;

import org.jspecify.annotations.NullMarked;
