/** Where resources come from, and the names by which one refers to another. */
@NullMarked
package dev.outrider.xds.model.source;

import org.jspecify.annotations.NullMarked;
