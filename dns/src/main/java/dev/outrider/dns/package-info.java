/** The DNS shim: mesh names from a table, every other name from the host's own resolvers. See {@link dev.outrider.dns.DnsShim}. */
@NullMarked
package dev.outrider.dns;

import org.jspecify.annotations.NullMarked;
