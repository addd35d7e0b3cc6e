/** Tests of the forward package alone. */
@NullMarked
package dev.outrider.dns.forward;

import org.jspecify.annotations.NullMarked;
