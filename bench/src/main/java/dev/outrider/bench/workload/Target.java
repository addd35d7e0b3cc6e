package dev.outrider.bench.workload;

import dev.outrider.bench.process.Child;
import dev.outrider.bench.process.ProcFiles.Memory;
import java.util.List;

/** Where load goes, and the measured processes on the way; none without a proxy. */
record Target(int port, List<Child> proxies) {

    double cpuSeconds() {
        return proxies.stream().mapToDouble(Child::cpuSeconds).sum();
    }

    Memory memory() {
        return proxies.stream().map(Child::memory).reduce(new Memory(0, 0, 0), Memory::plus);
    }

    boolean proxied() {
        return !proxies.isEmpty();
    }
}
