/** Envoy's bootstrap file as a static model. */
@NullMarked
package dev.outrider.xds.bootstrap;

import org.jspecify.annotations.NullMarked;
