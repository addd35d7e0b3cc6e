package dev.outrider.bench.jmh;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/**
 * Bytes for each operation that the sidecars' data loops allocate themselves, without those of the load and the backend beside them. In JMH's fork; a
 * benchmark with sidecars says when an iteration begins and ends, because JMH asks its profilers after the sidecars are gone.
 */
public final class DataLoopProfiler implements InternalProfiler {

    static final String LABEL = "loop.alloc.norm";

    private static final String LOOPS = "outrider-data";
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static long before;
    private static long bytes = -1;

    static void begin() {
        before = allocated();
    }

    static void end() {
        bytes = allocated() - before;
    }

    private static long allocated() {
        long sum = 0;
        for (long id : THREADS.getAllThreadIds()) {
            var thread = THREADS.getThreadInfo(id);
            if (thread != null && thread.getThreadName().startsWith(LOOPS)) {
                sum += THREADS.getThreadAllocatedBytes(id);
            }
        }
        return sum;
    }

    @Override
    public String getDescription() {
        return "allocations of the data loops";
    }

    @Override
    public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
        bytes = -1;
    }

    @Override
    public Collection<? extends Result<?>> afterIteration(BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
        long operations = result.getMetadata().getAllOps();
        return bytes < 0 || operations == 0 ? List.of() : List.of(new ScalarResult(LABEL, (double) bytes / operations, "B/op", AggregationPolicy.AVG));
    }
}
