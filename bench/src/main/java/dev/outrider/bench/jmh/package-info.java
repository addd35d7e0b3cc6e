/**
 * The hot path under JMH: each stage alone, and whole hops in one process. Times are for reading; bytes allocated for each operation are checked against
 * {@code bench/allocations.tsv} by {@link dev.outrider.bench.jmh.AllocationsCommand}.
 */
@NullMarked
package dev.outrider.bench.jmh;

import org.jspecify.annotations.NullMarked;
