@NullMarked
package dev.outrider.xds.store;

import org.jspecify.annotations.NullMarked;
