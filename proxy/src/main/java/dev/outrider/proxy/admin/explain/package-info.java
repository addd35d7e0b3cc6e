/** {@code /explain}: one request, followed. */
@NullMarked
package dev.outrider.proxy.admin.explain;

import org.jspecify.annotations.NullMarked;
