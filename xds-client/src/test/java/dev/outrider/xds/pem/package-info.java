/** Tests of keys and certificates as text. */
@NullMarked
package dev.outrider.xds.pem;

import org.jspecify.annotations.NullMarked;
