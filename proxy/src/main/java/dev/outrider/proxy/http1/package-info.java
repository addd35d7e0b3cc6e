/**
 * HTTP/1.1 as bytes: strict parsing (RFC 9112, and Envoy's outcomes where it is stricter), canonical writing, one stream per connection
 * at a time. Runs on the connection's event loop.
 */
@NullMarked
package dev.outrider.proxy.http1;

import org.jspecify.annotations.NullMarked;
