/**
 * {@code outrider bench}: the command line of the measurements. The comparison with peers is in {@code round} (how slots are taken in turn),
 * {@code workload} (what is done), {@code peer} (to whom), {@code load} (by what) and {@code report}.
 */
@NullMarked
package dev.outrider.bench;

import org.jspecify.annotations.NullMarked;
