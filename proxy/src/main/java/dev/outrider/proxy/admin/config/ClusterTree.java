package dev.outrider.proxy.admin.config;

import dev.outrider.proxy.admin.state.AdminState.ClusterView;
import dev.outrider.proxy.datapath.endpoint.Host;
import dev.outrider.xds.model.Address;
import dev.outrider.xds.model.Cluster.CircuitBreakers.Threshold;
import dev.outrider.xds.model.ClusterLoadAssignment.Group;
import dev.outrider.xds.model.ClusterLoadAssignment.Health;
import dev.outrider.xds.model.ClusterLoadAssignment.Locality;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Clusters as text and as envoy.admin.v3.Clusters. */
final class ClusterTree {

    private record Place(Locality locality, int priority) {}

    private static final Place NOWHERE = new Place(Locality.NONE, 0);

    private ClusterTree() {}

    static void text(ClusterView view, StringBuilder out) {
        String name = view.state().model().name();
        line(out, name, "observability_name", view.state().model().statName());
        threshold(name, "default", view.state().model().circuitBreakers().defaults(), out);
        threshold(name, "high", view.state().model().circuitBreakers().high(), out);
        line(out, name, "added_via_api", view.addedByApi());
        if (!view.state().model().edsServiceName().isEmpty()) {
            line(out, name, "eds_service_name", view.state().model().edsServiceName());
        }
        Map<Address, Place> places = places(view);
        for (Host host : view.state().hosts()) {
            host(name + "::" + host.address(), host, places.getOrDefault(host.address(), NOWHERE), out);
        }
    }

    private static void threshold(String name, String priority, Threshold threshold, StringBuilder out) {
        String prefix = name + "::" + priority + "_priority";
        line(out, prefix, "max_connections", threshold.maxConnections());
        line(out, prefix, "max_pending_requests", threshold.maxPendingRequests());
        line(out, prefix, "max_requests", threshold.maxRequests());
        line(out, prefix, "max_retries", threshold.maxRetries());
    }

    private static void host(String prefix, Host host, Place place, StringBuilder out) {
        line(out, prefix, "cx_connect_fail", host.connectFailures());
        line(out, prefix, "rq_active", host.active());
        line(out, prefix, "rq_error", host.errors());
        line(out, prefix, "rq_success", host.successes());
        line(out, prefix, "rq_total", host.requests());
        line(out, prefix, "hostname", host.endpoint().hostname());
        line(out, prefix, "health_flags", flags(host));
        line(out, prefix, "weight", host.endpoint().weight());
        line(out, prefix, "region", place.locality().region());
        line(out, prefix, "zone", place.locality().zone());
        line(out, prefix, "sub_zone", place.locality().subZone());
        line(out, prefix, "canary", false);
        line(out, prefix, "priority", place.priority());
    }

    private static String flags(Host host) {
        StringBuilder flags = new StringBuilder();
        flags.append(host.ejected() ? "/failed_outlier_check" : "");
        flags.append(switch (host.endpoint().health()) {
            case UNHEALTHY, TIMEOUT -> "/failed_eds_health";
            case DRAINING -> "/eds_status_draining";
            case DEGRADED -> "/degraded_eds_health";
            case UNKNOWN, HEALTHY -> "";
        });
        return flags.isEmpty() ? "healthy" : flags.toString();
    }

    private static void line(StringBuilder out, String prefix, String key, Object value) {
        out.append(prefix).append("::").append(key).append("::").append(value).append('\n');
    }

    static Map<String, Object> json(ClusterView view) {
        Map<String, Object> status = new LinkedHashMap<>();
        status.put("name", view.state().model().name());
        if (view.addedByApi()) {
            status.put("added_via_api", true);
        }
        List<Object> hosts = new ArrayList<>();
        Map<Address, Place> places = places(view);
        view.state().hosts().forEach(h -> hosts.add(json(h, places.getOrDefault(h.address(), NOWHERE))));
        if (!hosts.isEmpty()) {
            status.put("host_statuses", hosts);
        }
        status.put("circuit_breakers", Map.of("thresholds", List.of(
                threshold("DEFAULT", view.state().model().circuitBreakers().defaults()),
                threshold("HIGH", view.state().model().circuitBreakers().high()))));
        status.put("observability_name", view.state().model().statName());
        if (!view.state().model().edsServiceName().isEmpty()) {
            status.put("eds_service_name", view.state().model().edsServiceName());
        }
        return status;
    }

    private static Map<String, Object> threshold(String priority, Threshold threshold) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("priority", priority);
        one.put("max_connections", threshold.maxConnections());
        one.put("max_pending_requests", threshold.maxPendingRequests());
        one.put("max_requests", threshold.maxRequests());
        one.put("max_retries", threshold.maxRetries());
        return one;
    }

    private static Map<String, Object> json(Host host, Place place) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("address", address(host.address()));
        one.put("stats", List.of(
                stat("cx_connect_fail", host.connectFailures(), false),
                stat("rq_error", host.errors(), false),
                stat("rq_success", host.successes(), false),
                stat("rq_total", host.requests(), false),
                stat("rq_active", host.active(), true)));
        Map<String, Object> health = new LinkedHashMap<>();
        if (host.ejected()) {
            health.put("failed_outlier_check", true);
        }
        Health eds = host.endpoint().health();
        health.put("eds_health_status", (eds == Health.UNKNOWN ? Health.HEALTHY : eds).name());
        one.put("health_status", health);
        one.put("weight", host.endpoint().weight());
        if (!host.endpoint().hostname().isEmpty()) {
            one.put("hostname", host.endpoint().hostname());
        }
        if (place.priority() > 0) {
            one.put("priority", place.priority());
        }
        Map<String, Object> locality = new LinkedHashMap<>();
        putText(locality, "region", place.locality().region());
        putText(locality, "zone", place.locality().zone());
        putText(locality, "sub_zone", place.locality().subZone());
        one.put("locality", locality);
        return one;
    }

    private static void putText(Map<String, Object> into, String key, String value) {
        if (!value.isEmpty()) {
            into.put(key, value);
        }
    }

    private static Map<String, Object> stat(String name, long value, boolean gauge) {
        Map<String, Object> one = new LinkedHashMap<>();
        if (gauge) {
            one.put("type", "GAUGE");
        }
        // A 64-bit integer: text in the JSON form of protobuf; zero is left out.
        if (value != 0) {
            one.put("value", Long.toString(value));
        }
        one.put("name", name);
        return one;
    }

    /** envoy.config.core.v3.Address. */
    static Map<String, Object> address(@Nullable Address address) {
        return switch (address) {
            case null -> Map.of();
            case Address.Ip ip -> socket(ip.ip().getHostAddress(), ip.port());
            case Address.Named named -> socket(named.host(), named.port());
            case Address.Pipe pipe -> Map.of("pipe", Map.of("path", pipe.path()));
            case Address.Internal internal -> Map.of("envoy_internal_address",
                    Map.of("server_listener_name", internal.listener(), "endpoint_id", internal.endpointId()));
        };
    }

    private static Map<String, Object> socket(String host, int port) {
        Map<String, Object> socket = new LinkedHashMap<>();
        socket.put("address", host);
        socket.put("port_value", port);
        return Map.of("socket_address", socket);
    }

    private static Map<Address, Place> places(ClusterView view) {
        Map<Address, Place> all = new HashMap<>();
        if (view.endpoints() != null) {
            for (Group group : view.endpoints().groups()) {
                group.endpoints().forEach(e -> all.putIfAbsent(e.address(), new Place(group.locality(), group.priority())));
            }
        }
        return all;
    }
}
