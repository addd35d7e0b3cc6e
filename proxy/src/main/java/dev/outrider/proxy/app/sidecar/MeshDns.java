package dev.outrider.proxy.app.sidecar;

import dev.outrider.dns.DnsSettings;
import dev.outrider.dns.DnsShim;
import dev.outrider.dns.SocketSource;
import dev.outrider.dns.table.MeshName;
import dev.outrider.proxy.app.sidecar.port.MeshPorts;
import dev.outrider.proxy.connection.InheritedSockets;
import dev.outrider.proxy.datapath.upstream.Transport;
import dev.outrider.xds.MeshSnapshot;
import dev.outrider.xds.model.NameTable;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The DNS shim on a loop of its own, fed with the mesh's name table. Any thread. */
public final class MeshDns implements AutoCloseable {

    private final EventLoopGroup loop;
    private final DnsShim shim;
    private final CompletableFuture<Void> firstTable = new CompletableFuture<>();
    private volatile List<InetSocketAddress> addresses = List.of();

    private MeshDns(EventLoopGroup loop, DnsShim shim) {
        this.loop = loop;
        this.shim = shim;
    }

    /** Bound when it returns. */
    public static MeshDns start(DnsSettings settings) throws StartupException {
        MeshDns dns = of(settings);
        dns.open(new InheritedSockets());
        return dns;
    }

    /** Answers nobody before {@link #open}. */
    static MeshDns of(DnsSettings settings) throws StartupException {
        // A loop of its own: a burst of questions costs connections nothing, and the other way round.
        EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, new DefaultThreadFactory("outrider-dns", true), Transport.ioHandlers());
        try {
            return new MeshDns(loop, new DnsShim(settings, loop));
        } catch (IllegalArgumentException e) {
            end(loop);
            throw new StartupException("DNS: " + e.getMessage());
        }
    }

    /** On sockets of {@code inherited} where it has them. */
    void open(InheritedSockets inherited) throws StartupException {
        try {
            addresses = shim.start(new SocketSource() {
                @Override
                public @Nullable Integer datagram(InetSocketAddress address) {
                    return inherited.datagram(address);
                }

                @Override
                public @Nullable Integer stream(InetSocketAddress address) {
                    return inherited.stream(address);
                }
            });
        } catch (IOException | IllegalArgumentException e) {
            end(loop);
            throw new StartupException("DNS: " + e.getMessage());
        }
    }

    private static void end(EventLoopGroup loop) {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5, TimeUnit.SECONDS);
    }

    /** When the first table is in place. */
    CompletableFuture<Void> firstTable() {
        return firstTable;
    }

    /** Reads no further question: another process that has the same sockets answers. Those that wait for an answer still get it. */
    void pause() {
        shim.channels().forEach(c -> c.config().setAutoRead(false));
    }

    /** Its event loop. */
    EventLoopGroup loop() {
        return loop;
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

    /** Completes when names of the table are answered; those of {@code own} with that address in place of the table's. */
    CompletableFuture<?> apply(NameTable table, Map<String, InetAddress> own) {
        List<MeshName> rows = new ArrayList<>(table.rows().size());
        for (Map.Entry<String, NameTable.Row> entry : table.rows().entrySet()) {
            NameTable.Row row = entry.getValue();
            InetAddress here = own.get(entry.getKey());
            List<String> ips = here == null ? row.ips() : List.of(here.getHostAddress());
            rows.add(new MeshName(entry.getKey(), ips, row.registry(), row.shortName(), row.namespace(), row.altHosts()));
        }
        CompletableFuture<DnsShim.TableUpdate> update = shim.applyTable(rows);
        var unused = update.thenRun(() -> firstTable.complete(null));
        return update;
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
