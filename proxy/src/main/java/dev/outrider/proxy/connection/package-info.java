/** What is known of a downstream connection and of one stream on it: small mutable records, filled by the stages, read by filters and logs. Loop-confined. */
@NullMarked
package dev.outrider.proxy.connection;

import org.jspecify.annotations.NullMarked;
