package dev.outrider.proxy.app.sidecar;

import dev.outrider.dns.DnsShim;
import dev.outrider.proxy.datapath.cluster.HostResolver;
import dev.outrider.proxy.datapath.cluster.SystemResolver;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Names as this process answers them to others: those of the mesh, and the host's. Any thread. */
record MeshNames(DnsShim shim) implements HostResolver {

    /** In a process without DNS the machine's resolver knows all that is known. */
    static HostResolver of(@Nullable MeshDns dns) {
        return dns == null ? new SystemResolver() : new MeshNames(dns.shim());
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
