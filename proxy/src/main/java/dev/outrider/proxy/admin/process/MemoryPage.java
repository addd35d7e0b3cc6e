package dev.outrider.proxy.admin.process;

import dev.outrider.proxy.admin.page.AdminPage;
import dev.outrider.proxy.admin.page.AdminRequest;
import dev.outrider.proxy.admin.page.AdminResponse;
import io.netty.util.internal.PlatformDependent;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.util.LinkedHashMap;
import java.util.Map;

/** {@code /memory}: envoy.admin.v3.Memory, where the heap is the JVM's and off-heap buffers count as allocated. */
public final class MemoryPage implements AdminPage {


    @Override
    public String path() {
        return "/memory";
    }

    @Override
    public String purpose() {
        return "print current allocation/heap usage";
    }

    @Override
    public AdminResponse serve(AdminRequest request) {
        MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        MemoryUsage other = ManagementFactory.getMemoryMXBean().getNonHeapMemoryUsage();
        long buffers = PlatformDependent.usedDirectMemory();
        Map<String, Object> memory = new LinkedHashMap<>();
        memory.put("allocated", Long.toString(heap.getUsed() + Math.max(0, buffers)));
        memory.put("heap_size", Long.toString(heap.getCommitted()));
        memory.put("pageheap_unmapped", Long.toString(Math.max(0, heap.getMax() - heap.getCommitted())));
        memory.put("pageheap_free", Long.toString(heap.getCommitted() - heap.getUsed()));
        memory.put("total_thread_cache", Long.toString(Math.max(0, buffers)));
        memory.put("total_physical_bytes", Long.toString(heap.getCommitted() + other.getCommitted() + Math.max(0, buffers)));
        return AdminResponse.json(memory);
    }
}
