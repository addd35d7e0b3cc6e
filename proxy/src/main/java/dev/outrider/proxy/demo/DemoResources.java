package dev.outrider.proxy.demo;

import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What the demo's control plane says to its two sidecars, in the shape that istiod gives it. */
final class DemoResources {

    private static final String NO_HTTP_ALPN = "[\"istio-peer-exchange\", \"istio\"]";

    private final DemoPorts ports;
    private final Map<DemoService.Pod, Integer> applications;
    private final String outboundFilters;
    private final String inboundFilters;

    /** {@code applications}: where the program of each pod listens on 127.0.0.1. */
    DemoResources(DemoPorts ports, Map<DemoService.Pod, Integer> applications) {
        this.ports = ports;
        this.applications = applications;
        outboundFilters = fill("http-filters.json", Map.of("side", "upstream", "alpn", fill("alpn-filter.json", Map.of())));
        inboundFilters = fill("http-filters.json", Map.of("side", "downstream", "alpn", ""));
    }

    /** For the machine: listeners of the cluster's services, and its own service. {@code weights}: of reviews v1, v2, v3. */
    Snapshot machine(List<Integer> weights, String version) {
        List<Listener> listeners = new ArrayList<>();
        List<Cluster> clusters = new ArrayList<>();
        List<ClusterLoadAssignment> endpoints = new ArrayList<>();
        for (DemoService service : DemoService.values()) {
            if (service.onMachine()) {
                service.pods().forEach(p -> inbound(p, listeners, clusters));
            } else {
                outbound(service, listeners, clusters, endpoints);
            }
        }
        return Snapshot.create(clusters, endpoints, listeners, List.of(routes("9080", weights)), List.of(), version);
    }

    /** For the sidecar that stands for those of the cluster: inbound listeners of all pods, and the way to the machine's service. */
    Snapshot cluster(String version) {
        List<Listener> listeners = new ArrayList<>();
        List<Cluster> clusters = new ArrayList<>();
        List<ClusterLoadAssignment> endpoints = new ArrayList<>();
        for (DemoService service : DemoService.values()) {
            if (service.onMachine()) {
                outbound(service, listeners, clusters, endpoints);
            } else {
                service.pods().forEach(p -> inbound(p, listeners, clusters));
            }
        }
        return Snapshot.create(clusters, endpoints, listeners, List.of(routes("8080", List.of(100))), List.of(), version);
    }

    private void outbound(
            DemoService service, List<Listener> listeners, List<Cluster> clusters, List<ClusterLoadAssignment> endpoints) {
        listeners.add(ResourceJson.read(
                service.tcp()
                        ? fill("outbound-tcp.json", Map.of(
                                "address", service.serviceAddress(), "port", service.port(ports), "cluster", service.cluster(ports, "")))
                        : fill("outbound-http.json", Map.of(
                                "address", service.serviceAddress(), "port", service.port(ports),
                                "route", service.onMachine() ? "8080" : "9080", "http_filters", outboundFilters)),
                Listener.newBuilder()).build());
        List<String> subsets = new ArrayList<>(List.of(""));
        if (service.versions().size() > 1) {
            subsets.addAll(service.versions());
        }
        for (String subset : subsets) {
            clusters.add(ResourceJson.read(
                    fill("outbound-cluster.json", Map.of(
                            "name", service.cluster(ports, subset), "identity", service.identity(),
                            "alpn", NO_HTTP_ALPN, "sni", service.sni(ports, subset))),
                    Cluster.newBuilder()).build());
            endpoints.add(endpoints(service, subset));
        }
    }

    private ClusterLoadAssignment endpoints(DemoService service, String subset) {
        List<String> all = new ArrayList<>();
        for (DemoService.Pod pod : service.pods()) {
            if (subset.isEmpty() || subset.equals(pod.version())) {
                all.add(fill("endpoint.json", Map.of(
                        "address", pod.address(), "port", service.port(ports),
                        "workload", pod.workload() + ";default;" + service.label() + ";" + pod.version() + ";Kubernetes")));
            }
        }
        return ResourceJson.read(
                fill("endpoints.json", Map.of("name", service.cluster(ports, subset), "endpoints", all.toString())),
                ClusterLoadAssignment.newBuilder()).build();
    }

    private void inbound(DemoService.Pod pod, List<Listener> listeners, List<Cluster> clusters) {
        DemoService service = pod.service();
        String cluster = "inbound|" + service.port(ports) + "||" + (service.onMachine() ? "" : pod.workload());
        String tls = fill("downstream-tls.json", Map.of(
                "secret", service.onMachine() ? "default" : service.account(),
                "alpn", service.tcp() ? "[\"istio-peer-exchange\", \"h2\", \"http/1.1\"]" : "[\"h2\", \"http/1.1\"]"));
        listeners.add(ResourceJson.read(
                fill(service.tcp() ? "inbound-tcp.json" : "inbound-http.json", Map.of(
                        "name", "virtualInbound-" + pod.workload(), "address", pod.address(), "port", service.port(ports),
                        "cluster", cluster, "http_filters", inboundFilters, "tls", tls)),
                Listener.newBuilder()).build());
        Integer application = applications.get(pod);
        clusters.add(ResourceJson.read(
                fill("inbound-cluster.json", Map.of("name", cluster, "port", application == null ? 0 : application)),
                Cluster.newBuilder()).build());
    }

    private RouteConfiguration routes(String name, List<Integer> weights) {
        List<String> hosts = new ArrayList<>();
        for (DemoService service : DemoService.values()) {
            if (!service.tcp() && service.onMachine() == name.equals("8080")) {
                hosts.add(virtualHost(service, weights));
            }
        }
        // What the mesh does not know stays unreachable, as with outboundTrafficPolicy REGISTRY_ONLY.
        hosts.add("{\"name\": \"block_all\", \"domains\": [\"*\"], \"routes\": [{\"name\": \"block_all\", "
                + "\"match\": {\"prefix\": \"/\"}, \"direct_response\": {\"status\": 502}}]}");
        return ResourceJson.read(
                "{\"name\": \"" + name + "\", \"virtual_hosts\": " + hosts + ", \"validate_clusters\": false}",
                RouteConfiguration.newBuilder()).build();
    }

    private String virtualHost(DemoService service, List<Integer> weights) {
        String host = service.host();
        String port = ":" + service.port(ports);
        List<String> domains = new ArrayList<>();
        for (String form : List.of(host, service.label(), service.label() + ".default", service.label() + ".default.svc")) {
            domains.add("\"" + form + "\"");
            domains.add("\"" + form + port + "\"");
        }
        String action = "\"cluster\": \"" + service.cluster(ports, "") + "\"";
        if (service.versions().size() > 1) {
            List<String> shares = new ArrayList<>();
            for (int i = 0; i < weights.size(); i++) {
                if (weights.get(i) > 0) {
                    shares.add("{\"name\": \"" + service.cluster(ports, service.versions().get(i)) + "\", \"weight\": " + weights.get(i) + "}");
                }
            }
            action = "\"weighted_clusters\": {\"clusters\": " + shares + "}";
        }
        return "{\"name\": \"" + host + port + "\", \"domains\": " + domains + ", \"routes\": [{\"name\": \"default\", "
                + "\"match\": {\"prefix\": \"/\"}, \"route\": {" + action + ", \"timeout\": \"0s\", "
                + "\"retry_policy\": {\"retry_on\": \"connect-failure,refused-stream,unavailable,cancelled\", \"num_retries\": 2}}}]}";
    }

    private static String fill(String file, Map<String, ?> values) {
        return Template.fill(DemoResources.class, file, values);
    }
}
