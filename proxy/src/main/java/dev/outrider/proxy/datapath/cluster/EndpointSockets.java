package dev.outrider.proxy.datapath.cluster;

import dev.outrider.xds.model.Cluster;
import dev.outrider.xds.model.ClusterLoadAssignment.Endpoint;
import dev.outrider.xds.model.TransportSocket;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Which of a cluster's transport sockets an endpoint is reached by (transport_socket_matches): Istio's choice between mutual TLS and plaintext. Pure. */
public final class EndpointSockets {

    private static final String MATCH = "envoy.transport_socket_match";

    private EndpointSockets() {}

    public static TransportSocket of(Cluster cluster, Endpoint endpoint) {
        Map<String, @Nullable Object> labels = endpoint.metadata().filters().getOrDefault(MATCH, Map.of());
        for (Cluster.TransportSocketMatch match : cluster.transportSocketMatches()) {
            boolean fits = match.match().entrySet().stream()
                    .allMatch(e -> e.getValue().equals(Objects.toString(labels.get(e.getKey()), null)));
            if (fits) {
                return match.socket();
            }
        }
        return cluster.transportSocket();
    }
}
