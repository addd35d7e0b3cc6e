/** Tests of the table package alone. */
@NullMarked
package dev.outrider.dns.table;

import org.jspecify.annotations.NullMarked;
