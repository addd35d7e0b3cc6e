/** The names of the mesh: built off the loop and read from any thread, looked up without allocation. */
@NullMarked
package dev.outrider.dns.table;

import org.jspecify.annotations.NullMarked;
