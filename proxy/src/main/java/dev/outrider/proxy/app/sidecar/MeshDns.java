package dev.outrider.proxy.app.sidecar;

import dev.outrider.dns.DnsSettings;
import dev.outrider.dns.DnsShim;
import dev.outrider.dns.table.MeshName;
import dev.outrider.xds.model.NameTable;
import io.netty.util.NetUtil;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** The DNS shim as the command line asks for it, fed with the mesh's name table. Any thread. */
public final class MeshDns implements AutoCloseable {

    private static final int DNS_PORT = 53;

    private final DnsShim shim;
    private final List<InetSocketAddress> addresses;

    private MeshDns(DnsShim shim, List<InetSocketAddress> addresses) {
        this.shim = shim;
        this.addresses = addresses;
    }

    /** Bound when it returns. {@code namespace}: whose services answer to their first label. */
    public static MeshDns start(SidecarConfig.Dns config, String namespace) throws StartupException {
        DnsSettings settings = DnsSettings.defaults()
                .withListen(addresses("--dns-listen", config.listen(), DnsSettings.DEFAULT_PORT));
        DnsSettings.Mesh mesh = settings.mesh();
        settings = settings.withMesh(new DnsSettings.Mesh(mesh.clusterDomain(), namespace, mesh.zones(), mesh.serviceRanges()));
        if (!config.upstream().isEmpty()) {
            settings = settings.withServers(addresses("--dns-upstream", config.upstream(), DNS_PORT));
        }
        try {
            DnsShim shim = new DnsShim(settings);
            return new MeshDns(shim, shim.start());
        } catch (IOException | IllegalArgumentException e) {
            throw new StartupException("DNS: " + e.getMessage());
        }
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

    @Override
    public void close() {
        shim.close();
    }

    private static InetSocketAddress[] addresses(String option, List<String> texts, int defaultPort) throws StartupException {
        InetSocketAddress[] all = new InetSocketAddress[texts.size()];
        for (int i = 0; i < all.length; i++) {
            all[i] = address(option, texts.get(i).strip(), defaultPort);
        }
        return all;
    }

    private static InetSocketAddress address(String option, String text, int defaultPort) throws StartupException {
        String host = text;
        int port = defaultPort;
        int colon = text.lastIndexOf(':');
        boolean bareV6 = NetUtil.isValidIpV6Address(text);
        try {
            if (colon >= 0 && !bareV6 && !text.endsWith("]")) {
                host = text.substring(0, colon);
                port = Integer.parseInt(text.substring(colon + 1));
            }
            if (host.startsWith("[") && host.endsWith("]")) {
                host = host.substring(1, host.length() - 1);
            }
            if (port >= 0 && port <= 65535 && (NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host))) {
                return new InetSocketAddress(InetAddress.ofLiteral(host), port);
            }
        } catch (NumberFormatException e) {
            throw new StartupException(option + " " + text + ": not an address such as 127.0.0.1:15053");
        }
        throw new StartupException(option + " " + text + ": not an address such as 127.0.0.1:15053");
    }
}
