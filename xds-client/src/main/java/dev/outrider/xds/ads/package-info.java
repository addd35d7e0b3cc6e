/** Discovery streams: subscriptions, nonces, acknowledgement, reconnecting. The only place that knows gRPC. */
@NullMarked
package dev.outrider.xds.ads;

import org.jspecify.annotations.NullMarked;
