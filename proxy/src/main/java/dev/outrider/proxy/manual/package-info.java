/** Man pages and shell completion, made of what the commands and the catalog of settings say of themselves. At build time only. */
@NullMarked
package dev.outrider.proxy.manual;

import org.jspecify.annotations.NullMarked;
