/** The names of the mesh: built off the loop, immutable, looked up without allocation. */
@NullMarked
package dev.outrider.dns.table;

import org.jspecify.annotations.NullMarked;
