/** What strings, headers, paths and metadata are compared with. */
@NullMarked
package dev.outrider.xds.model.match;

import org.jspecify.annotations.NullMarked;
