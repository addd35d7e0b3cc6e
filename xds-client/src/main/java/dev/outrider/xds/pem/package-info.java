/** Keys and certificates as text (RFC 7468), read without a security provider of our own: every start of the process passes here. */
@NullMarked
package dev.outrider.xds.pem;

import org.jspecify.annotations.NullMarked;
