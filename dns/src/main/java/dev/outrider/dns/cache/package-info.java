/** Upstream answers, bounded by bytes. Confined to the DNS loop. */
@NullMarked
package dev.outrider.dns.cache;

import org.jspecify.annotations.NullMarked;
