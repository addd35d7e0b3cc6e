package dev.outrider.proxy.app.sidecar;

import dev.outrider.dns.DnsShim;
import dev.outrider.proxy.app.sidecar.port.TableNames;
import dev.outrider.proxy.datapath.cluster.HostResolver;
import dev.outrider.proxy.datapath.cluster.SystemResolver;
import dev.outrider.xds.MeshSnapshot;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Names as this process answers them to others: those of the mesh, and the host's. Any thread. */
record MeshNames(DnsShim shim) implements HostResolver {

    /** In a process without DNS, from the table of the mesh and the machine's resolver. */
    static HostResolver of(@Nullable MeshDns dns, Supplier<MeshSnapshot> mesh, String nodeId) {
        return dns == null ? new TableNames(() -> mesh.get().names(), TableNames.search(nodeId), new SystemResolver()) : new MeshNames(dns.shim());
    }

    @Override
    public CompletionStage<Answer> resolve(String host) {
        return shim.addresses(host).thenApply(addresses -> new Answer(addresses, 0));
    }

    @Override
    public void close() {
        // The shim is its owner's.
    }
}
