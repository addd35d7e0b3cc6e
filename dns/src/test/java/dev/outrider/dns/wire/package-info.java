/** Tests of the codec alone. */
@NullMarked
package dev.outrider.dns.wire;

import org.jspecify.annotations.NullMarked;
