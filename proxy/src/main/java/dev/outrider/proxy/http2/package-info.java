/**
 * HTTP/2 (RFC 9113) on Netty's connection handler: frames go straight to one small object per stream, no child channels, no frame objects.
 * Flow control is told when the receiver has taken the data. Runs on the connection's event loop.
 */
@NullMarked
package dev.outrider.proxy.http2;

import org.jspecify.annotations.NullMarked;
