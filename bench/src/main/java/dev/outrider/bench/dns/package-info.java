/**
 * DNS workloads: the shim, alone in a process, beside unbound with the same names, asked by dnsperf. Both servers have one thread of work and the measured
 * processor to themselves; dnsperf and the resolver behind them have the other one.
 */
@NullMarked
package dev.outrider.bench.dns;

import org.jspecify.annotations.NullMarked;
