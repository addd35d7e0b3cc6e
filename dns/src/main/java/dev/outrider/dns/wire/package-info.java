/** The wire codec: strict parsing and rebuilding of DNS messages over plain byte arrays. Knows no sockets. */
@NullMarked
package dev.outrider.dns.wire;

import org.jspecify.annotations.NullMarked;
