package dev.outrider.proxy.app.sidecar.port;

import dev.outrider.proxy.datapath.cluster.HostResolver;
import dev.outrider.xds.model.NameTable;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;

/**
 * Names of the mesh from its table itself, for a process that answers no DNS; {@code others} answers the rest. Any thread.
 *
 * @param search domains that complete a short name, as a pod of the same namespace has them
 */
public record TableNames(Supplier<NameTable> table, List<String> search, HostResolver others) implements HostResolver {

    /** The domains of a node: the last part of {@code sidecar~10.0.0.5~vm.default~default.svc.cluster.local}, and what is above it. */
    public static List<String> search(String nodeId) {
        List<String> all = new ArrayList<>();
        String domain = nodeId.substring(nodeId.lastIndexOf('~') + 1);
        // Namespace, svc, the cluster's domain.
        for (int i = 0; i < 3 && !domain.isEmpty(); i++) {
            all.add(domain);
            domain = domain.substring(domain.indexOf('.') < 0 ? domain.length() : domain.indexOf('.') + 1);
        }
        return List.copyOf(all);
    }

    @Override
    public CompletionStage<Answer> resolve(String host) {
        String name = (host.endsWith(".") ? host.substring(0, host.length() - 1) : host).toLowerCase(Locale.ROOT);
        NameTable now = table.get();
        List<InetAddress> found = addresses(now, name);
        for (int i = 0; i < search.size() && found.isEmpty() && !host.endsWith("."); i++) {
            found = addresses(now, name + "." + search.get(i));
        }
        return found.isEmpty() ? others.resolve(host) : CompletableFuture.completedFuture(new Answer(found, 0));
    }

    /** By the name itself, or by the closest wildcard. */
    private static List<InetAddress> addresses(NameTable table, String name) {
        NameTable.Row row = table.rows().get(name);
        for (int dot = name.indexOf('.'); row == null && dot >= 0; dot = name.indexOf('.', dot + 1)) {
            row = table.rows().get("*" + name.substring(dot));
        }
        return row == null ? List.of() : MeshServices.addresses(row.ips());
    }

    @Override
    public void close() {
        others.close();
    }
}
