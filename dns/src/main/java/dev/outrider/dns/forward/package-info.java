/** The host's real resolvers: which they are, how they fare, and asking them. Confined to the DNS loop. */
@NullMarked
package dev.outrider.dns.forward;

import org.jspecify.annotations.NullMarked;
