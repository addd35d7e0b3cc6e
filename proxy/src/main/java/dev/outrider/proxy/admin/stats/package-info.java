/** Pages of statistics. */
@NullMarked
package dev.outrider.proxy.admin.stats;

import org.jspecify.annotations.NullMarked;
