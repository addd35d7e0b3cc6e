/** The page of names: what the DNS shim holds and how it answers. */
@NullMarked
package dev.outrider.proxy.admin.names;

import org.jspecify.annotations.NullMarked;
