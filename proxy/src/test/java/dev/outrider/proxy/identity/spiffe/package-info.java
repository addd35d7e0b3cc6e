@NullMarked
package dev.outrider.proxy.identity.spiffe;

import org.jspecify.annotations.NullMarked;
