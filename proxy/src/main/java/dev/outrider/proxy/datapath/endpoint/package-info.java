/**
 * Stage 9. Before: the cluster is known and admits one more. After: one of its hosts is chosen. Hands over: {@code Host}. Runs on: any data
 * loop; host sets are immutable, host counters are shared.
 */
@NullMarked
package dev.outrider.proxy.datapath.endpoint;

import org.jspecify.annotations.NullMarked;
