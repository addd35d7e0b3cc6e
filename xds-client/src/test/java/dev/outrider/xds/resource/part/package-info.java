@NullMarked
package dev.outrider.xds.resource.part;

import org.jspecify.annotations.NullMarked;
