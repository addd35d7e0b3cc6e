@NullMarked
package dev.outrider.xds.resource;

import org.jspecify.annotations.NullMarked;
