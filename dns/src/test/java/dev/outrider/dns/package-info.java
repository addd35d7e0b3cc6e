/** Tests of the whole shim over real sockets on loopback. */
@NullMarked
package dev.outrider.dns;

import org.jspecify.annotations.NullMarked;
