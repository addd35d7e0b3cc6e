/** The message types that there are, as descriptors, and what is done by descriptor: JSON, and the search for key material. */
@NullMarked
package dev.outrider.xds.resource.type;

import org.jspecify.annotations.NullMarked;
