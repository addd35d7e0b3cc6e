/** Counters, gauges and histograms under Envoy's names; access logs. Written on loops, read by the admin loop. */
@NullMarked
package dev.outrider.proxy.telemetry;

import org.jspecify.annotations.NullMarked;
