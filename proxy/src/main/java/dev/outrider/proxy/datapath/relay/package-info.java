/**
 * Stage 11. Before: both connections stand. After: bytes flow until both directions have ended; what was counted is in the stream's record.
 * Hands over: nothing. Runs on: the event loop that both connections share.
 */
@NullMarked
package dev.outrider.proxy.datapath.relay;

import org.jspecify.annotations.NullMarked;
