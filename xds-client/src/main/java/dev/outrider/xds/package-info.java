/**
 * The mesh as this machine sees it: {@link dev.outrider.xds.XdsClient} turns what control planes, files and the bootstrap say into
 * consistent snapshots. Everything happens on one control thread.
 */
@NullMarked
package dev.outrider.xds;

import org.jspecify.annotations.NullMarked;
