/**
 * Rounds: workloads, their contenders, samples taken in turn (A/B/A/B), and slots that other work on the machine spoiled.
 *
 * <p>To add a workload: implement {@link dev.outrider.bench.round.Workload} and name it in {@code workload.Workloads}. A contender brings its own processes
 * ({@link dev.outrider.bench.process.Children}) and returns a {@link dev.outrider.bench.round.Sample} for each slot; rounds, ratios, repeats and the report are done here.
 */
@NullMarked
package dev.outrider.bench.round;

import org.jspecify.annotations.NullMarked;
