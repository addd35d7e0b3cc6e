/**
 * HTTP messages as values, and the two directions of a stream.
 *
 * <p>A head keeps its header block as bytes in canonical HTTP/1 form; filters and routes look at the few fields they need, the rest is
 * copied through. The codecs ({@code http1}, {@code http2}) implement {@link dev.outrider.proxy.http.HttpStream} for one request each;
 * everything of a stream happens on the event loop of its connection.
 */
@NullMarked
package dev.outrider.proxy.http;

import org.jspecify.annotations.NullMarked;
