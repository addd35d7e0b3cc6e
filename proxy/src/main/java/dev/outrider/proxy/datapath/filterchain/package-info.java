/**
 * Stage 3. Before: the connection's listener and destination are known. After: its first bytes were looked at as far as the listener asks
 * for, and one filter chain is chosen. Hands over: {@code Chain}. Runs on: the connection's event loop; matchers are immutable and shared.
 */
@NullMarked
package dev.outrider.proxy.datapath.filterchain;

import org.jspecify.annotations.NullMarked;
