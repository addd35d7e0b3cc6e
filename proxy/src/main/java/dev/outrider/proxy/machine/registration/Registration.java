package dev.outrider.proxy.machine.registration;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;

/**
 * A service on this machine as the objects that make it known: a ServiceEntry for the mesh, a Service without selector for the cluster's DNS, a
 * WorkloadEntry for a service that selects by label. Texts for {@code kubectl apply -f -} and {@code kubectl delete -f -}.
 *
 * @param address of this machine, as the cluster reaches it
 * @param labels of the workload
 */
public record Registration(
        String service, String namespace, String address, List<ServicePort> ports, Map<String, String> labels, String serviceAccount, String clusterDomain) {

    /** What is printed. */
    public enum Kind { SERVICE_ENTRY, WORKLOAD_ENTRY, SERVICE }

    public Registration {
        if (!service.matches("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")) {
            throw new IllegalArgumentException("'" + service + "' is no name of a service: small letters, digits and '-', 63 at most");
        }
        if (ports.isEmpty() || ports.stream().map(ServicePort::name).distinct().count() != ports.size()) {
            throw new IllegalArgumentException("give at least one port, and each a name of its own, such as http:8080 http-admin:8081");
        }
    }

    /** The objects, in the order in which they are applied. */
    public String yaml(List<Kind> kinds) {
        return text(kinds, true);
    }

    /** Their names alone, which is what a deletion needs. */
    public String names(List<Kind> kinds) {
        return text(kinds, false);
    }

    private String text(List<Kind> kinds, boolean whole) {
        Dump dump = new Dump(DumpSettings.builder().setDefaultFlowStyle(FlowStyle.BLOCK).setIndicatorIndent(2).setIndent(4).build());
        List<String> documents = new ArrayList<>();
        for (Kind kind : kinds) {
            documents.add(dump.dumpToString(switch (kind) {
                case SERVICE_ENTRY -> object("networking.istio.io/v1alpha3", "ServiceEntry", whole ? serviceEntry() : Map.of());
                case WORKLOAD_ENTRY -> object("networking.istio.io/v1alpha3", "WorkloadEntry", whole ? workload() : Map.of());
                case SERVICE -> object("v1", "Service", whole ? Map.of("ports", ports.stream().map(port -> port(port, "port")).toList()) : Map.of());
            }));
        }
        return String.join("---\n", documents);
    }

    private Map<String, Object> object(String version, String kind, Map<String, Object> spec) {
        Map<String, Object> metadata = new LinkedHashMap<>();
        metadata.put("name", service);
        metadata.put("namespace", namespace);
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("apiVersion", version);
        all.put("kind", kind);
        all.put("metadata", metadata);
        if (!spec.isEmpty()) {
            all.put("spec", spec);
        }
        return all;
    }

    private Map<String, Object> serviceEntry() {
        Map<String, Object> spec = new LinkedHashMap<>();
        spec.put("hosts", List.of(service + "." + namespace + ".svc." + clusterDomain));
        spec.put("location", "MESH_INTERNAL");
        spec.put("ports", ports.stream().map(port -> {
            Map<String, Object> one = port(port, "number");
            one.put("protocol", port.protocol());
            return one;
        }).toList());
        spec.put("resolution", "STATIC");
        spec.put("endpoints", List.of(workload()));
        return spec;
    }

    private Map<String, Object> workload() {
        Map<String, Object> byName = new LinkedHashMap<>();
        ports.forEach(port -> byName.put(port.name(), port.number()));
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("address", address);
        all.put("ports", byName);
        all.put("labels", labels);
        all.put("serviceAccount", serviceAccount);
        return all;
    }

    /** {@code key} is "number" in a ServiceEntry, "port" in a Service. */
    private static Map<String, Object> port(ServicePort port, String key) {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("name", port.name());
        all.put(key, port.number());
        return all;
    }
}
