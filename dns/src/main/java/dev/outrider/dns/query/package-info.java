/** What to answer: zones, the table, the special names, else the forwarder. Confined to the DNS loop. */
@NullMarked
package dev.outrider.dns.query;

import org.jspecify.annotations.NullMarked;
