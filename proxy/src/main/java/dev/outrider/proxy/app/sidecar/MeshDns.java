package dev.outrider.proxy.app.sidecar;

import dev.outrider.dns.DnsSettings;
import dev.outrider.dns.DnsShim;
import dev.outrider.dns.table.MeshName;
import dev.outrider.proxy.app.sidecar.port.MeshPorts;
import dev.outrider.proxy.datapath.upstream.Transport;
import dev.outrider.xds.MeshSnapshot;
import dev.outrider.xds.model.NameTable;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** The DNS shim on a loop of its own, fed with the mesh's name table. Any thread. */
public final class MeshDns implements AutoCloseable {

    private final EventLoopGroup loop;
    private final DnsShim shim;
    private final List<InetSocketAddress> addresses;

    private MeshDns(EventLoopGroup loop, DnsShim shim, List<InetSocketAddress> addresses) {
        this.loop = loop;
        this.shim = shim;
        this.addresses = addresses;
    }

    /** Bound when it returns. */
    public static MeshDns start(DnsSettings settings) throws StartupException {
        // A loop of its own: a burst of questions costs connections nothing, and the other way round.
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("outrider-dns", true), Transport.ioHandlers());
        try {
            DnsShim shim = new DnsShim(settings, loop);
            return new MeshDns(loop, shim, shim.start());
        } catch (IOException | IllegalArgumentException e) {
            end(loop);
            throw new StartupException("DNS: " + e.getMessage());
        }
    }

    private static void end(EventLoopGroup loop) {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
    }

    public List<InetSocketAddress> addresses() {
        return addresses;
    }

    /** Whether a table came. */
    public boolean synced() {
        return shim.synced();
    }

    public DnsShim shim() {
        return shim;
    }

    /** Completes when names of the table are answered. */
    CompletableFuture<?> apply(NameTable table) {
        List<MeshName> rows = new ArrayList<>(table.rows().size());
        for (Map.Entry<String, NameTable.Row> entry : table.rows().entrySet()) {
            NameTable.Row row = entry.getValue();
            rows.add(new MeshName(entry.getKey(), row.ips(), row.registry(), row.shortName(), row.namespace(), row.altHosts()));
        }
        return shim.applyTable(rows);
    }

    /** Ports of the mesh's hosts, for SRV. */
    void applyPorts(MeshSnapshot snapshot) {
        shim.applyPorts(MeshPorts.of(snapshot));
    }

    @Override
    public void close() {
        shim.close();
        end(loop);
    }
}
