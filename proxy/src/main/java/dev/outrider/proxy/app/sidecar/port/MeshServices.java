package dev.outrider.proxy.app.sidecar.port;

import dev.outrider.dns.table.MeshPort;
import dev.outrider.proxy.datapath.explicit.ServiceListeners.Service;
import dev.outrider.xds.MeshSnapshot;
import dev.outrider.xds.model.Cidr;
import dev.outrider.xds.model.NameTable;
import io.netty.util.NetUtil;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/** The services that a program may call by name and port: hosts of the name table whose ports are known. Pure. */
public final class MeshServices {

    private MeshServices() {}

    public static List<Service> of(MeshSnapshot snapshot) {
        Map<String, SortedSet<Integer>> ports = new HashMap<>();
        for (MeshPort port : MeshPorts.of(snapshot)) {
            ports.computeIfAbsent(port.host(), host -> new TreeSet<>()).add(port.port());
        }
        List<Service> services = new ArrayList<>();
        for (Map.Entry<String, NameTable.Row> row : snapshot.names().rows().entrySet()) {
            SortedSet<Integer> known = ports.get(row.getKey());
            // A wildcard stands for names that are not known one by one.
            List<InetAddress> addresses = known == null || row.getKey().startsWith("*.") ? List.of() : addresses(row.getValue().ips());
            if (known != null && !addresses.isEmpty()) {
                services.add(new Service(row.getKey(), addresses, known));
            }
        }
        return services;
    }

    /** IPv4 where there is any: a machine without IPv6 may be given no listeners for it. What is no address is told by the name table. */
    static List<InetAddress> addresses(List<String> texts) {
        List<InetAddress> all = new ArrayList<>(texts.size());
        for (String text : texts) {
            if (NetUtil.isValidIpV4Address(text) || NetUtil.isValidIpV6Address(text)) {
                all.add(Cidr.ipLiteral(text));
            }
        }
        List<InetAddress> v4 = all.stream().filter(Inet4Address.class::isInstance).toList();
        return v4.isEmpty() ? all : v4;
    }
}
