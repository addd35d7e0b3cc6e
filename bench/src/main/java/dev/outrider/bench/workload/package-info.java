/** The workloads of the end-to-end comparison. */
@NullMarked
package dev.outrider.bench.workload;

import org.jspecify.annotations.NullMarked;
