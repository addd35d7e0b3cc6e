package dev.outrider.proxy.join;

import dev.outrider.xds.model.Bytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A file that joining puts in place.
 *
 * @param ours whether it belongs to the service user, else to root
 */
record Placement(Path target, Bytes content, boolean ours, String mode) {

    static final String HOSTS_BEGIN = "# outrider join: begin";
    static final String HOSTS_END = "# outrider join: end";

    /** The names under which the two generations of files know the control plane and its CA. */
    private static final String GATEWAY_NAMES = "istio-citadel istio-pilot istio-pilot.istio-system istiod.istio-system.svc";

    private record Place(String path, boolean ours, String mode) {}

    /** The token goes where a reboot does not lose it, other than in Istio's guide. */
    private static final Map<String, Place> PLACES = Map.of(
            "cluster.env", new Place("var/lib/istio/envoy/cluster.env", true, "rw-r--r--"),
            "sidecar.env", new Place("var/lib/istio/envoy/sidecar.env", true, "rw-r--r--"),
            "istio-token", new Place("var/lib/istio/envoy/istio-token", true, "rw-------"),
            "mesh.yaml", new Place("etc/istio/config/mesh", true, "rw-r--r--"),
            "outrider.yaml", new Place("etc/outrider/outrider.yaml", false, "rw-r--r--"),
            "root-cert.pem", new Place("etc/certs/root-cert.pem", true, "rw-r--r--"),
            "cert-chain.pem", new Place("etc/certs/cert-chain.pem", true, "rw-r--r--"),
            "key.pem", new Place("etc/certs/key.pem", true, "rw-------"));

    /** All files of {@code bundle} on a machine whose files are below {@code root}; {@code gateway}: the control plane's address. */
    static List<Placement> of(Bundle bundle, Path root, @Nullable String gateway) throws IOException {
        List<Placement> all = new ArrayList<>();
        PLACES.entrySet().stream().sorted(Map.Entry.comparingByKey()).forEach(e -> {
            byte[] content = bundle.file(e.getKey());
            if (content != null) {
                all.add(new Placement(root.resolve(e.getValue().path), Bytes.of(content), e.getValue().ours, e.getValue().mode));
            }
        });
        byte[] hosts = bundle.file("hosts");
        String block = gateway != null ? gateway + " " + GATEWAY_NAMES + "\n" : hosts == null ? "" : new String(hosts, StandardCharsets.UTF_8);
        if (!block.isBlank()) {
            Path file = root.resolve("etc/hosts");
            String before = Files.exists(file) ? Files.readString(file) : "";
            String text = withoutBlock(before) + HOSTS_BEGIN + "\n" + block.strip() + "\n" + HOSTS_END + "\n";
            all.add(new Placement(file, Bytes.utf8(text), false, "rw-r--r--"));
        }
        return all;
    }

    /** The hosts file without what an earlier join added. */
    static String withoutBlock(String hosts) {
        int begin = hosts.indexOf(HOSTS_BEGIN);
        int end = hosts.indexOf(HOSTS_END);
        String rest = begin < 0 || end < begin ? hosts : hosts.substring(0, begin) + hosts.substring(end + HOSTS_END.length()).stripLeading();
        return rest.isEmpty() || rest.endsWith("\n") ? rest : rest + "\n";
    }
}
