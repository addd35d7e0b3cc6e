/** Tests of the cache package alone. */
@NullMarked
package dev.outrider.dns.cache;

import org.jspecify.annotations.NullMarked;
