/** Files that are read again when they change. */
@NullMarked
package dev.outrider.xds.file;

import org.jspecify.annotations.NullMarked;
