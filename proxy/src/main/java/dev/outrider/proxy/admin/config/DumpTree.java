package dev.outrider.proxy.admin.config;

import dev.outrider.proxy.admin.state.DumpSource;
import dev.outrider.proxy.admin.state.DumpSource.Entry;
import dev.outrider.proxy.admin.state.DumpSource.Kind;
import dev.outrider.proxy.admin.state.DumpSource.State;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** The parts of envoy.admin.v3.ConfigDump as JSON trees, field names as Envoy prints them (snake case). */
final class DumpTree {

    private static final String TYPES = "type.googleapis.com/envoy.admin.v3.";

    private final DumpSource source;
    private final Predicate<String> names;

    DumpTree(DumpSource source, Predicate<String> names) {
        this.source = source;
        this.names = names;
    }

    List<Map<String, Object>> sections(boolean withEndpoints) {
        List<Map<String, Object>> all = new ArrayList<>();
        Map<String, Object> bootstrap = section("BootstrapConfigDump");
        putJson(bootstrap, "bootstrap", source.bootstrap());
        bootstrap.put("last_updated", source.bootstrap().updated().toString());
        all.add(bootstrap);
        all.add(clusters());
        if (withEndpoints) {
            all.add(endpoints());
        }
        all.add(listeners());
        all.add(routes());
        all.add(secrets());
        return all;
    }

    private Map<String, Object> clusters() {
        Map<String, Object> dump = versioned("ClustersConfigDump", Kind.CLUSTER);
        put(dump, "static_clusters", list(Kind.CLUSTER, State.STATIC, e -> plain(e, "cluster")));
        put(dump, "dynamic_active_clusters", list(Kind.CLUSTER, State.ACTIVE, e -> plain(e, "cluster")));
        put(dump, "dynamic_warming_clusters", list(Kind.CLUSTER, State.WARMING, e -> plain(e, "cluster")));
        return dump;
    }

    private Map<String, Object> endpoints() {
        Map<String, Object> dump = section("EndpointsConfigDump");
        put(dump, "static_endpoint_configs", list(Kind.ENDPOINT, State.STATIC, e -> plain(e, "endpoint_config")));
        put(dump, "dynamic_endpoint_configs", list(Kind.ENDPOINT, State.ACTIVE, e -> plain(e, "endpoint_config")));
        return dump;
    }

    private Map<String, Object> listeners() {
        Map<String, Object> dump = versioned("ListenersConfigDump", Kind.LISTENER);
        put(dump, "static_listeners", list(Kind.LISTENER, State.STATIC, e -> plain(e, "listener")));
        List<Map<String, Object>> dynamic = new ArrayList<>();
        for (Entry entry : source.entries(Kind.LISTENER)) {
            if (entry.state() != State.STATIC && names.test(entry.name())) {
                Map<String, Object> one = new LinkedHashMap<>();
                one.put("name", entry.name());
                if (entry.json() != null) {
                    one.put(entry.state() == State.WARMING ? "warming_state" : "active_state", plain(entry.withoutRejection(), "listener"));
                }
                putRejection(one, entry);
                dynamic.add(one);
            }
        }
        put(dump, "dynamic_listeners", dynamic);
        return dump;
    }

    private Map<String, Object> routes() {
        Map<String, Object> dump = section("RoutesConfigDump");
        put(dump, "static_route_configs", list(Kind.ROUTE, State.STATIC, e -> plain(e, "route_config")));
        put(dump, "dynamic_route_configs", list(Kind.ROUTE, State.ACTIVE, e -> plain(e, "route_config")));
        return dump;
    }

    private Map<String, Object> secrets() {
        Map<String, Object> dump = section("SecretsConfigDump");
        put(dump, "static_secrets", list(Kind.SECRET, State.STATIC, DumpTree::secret));
        put(dump, "dynamic_active_secrets", list(Kind.SECRET, State.ACTIVE, DumpTree::secret));
        put(dump, "dynamic_warming_secrets", list(Kind.SECRET, State.WARMING, DumpTree::secret));
        return dump;
    }

    private interface Shape {
        Map<String, Object> of(Entry entry);
    }

    private List<Map<String, Object>> list(Kind kind, State state, Shape shape) {
        return source.entries(kind).stream()
                .filter(e -> e.state() == state && names.test(e.name()))
                .map(shape::of)
                .toList();
    }

    private static Map<String, Object> plain(Entry entry, String field) {
        Map<String, Object> one = new LinkedHashMap<>();
        if (!entry.version().isEmpty()) {
            one.put("version_info", entry.version());
        }
        putJson(one, field, entry);
        one.put("last_updated", entry.updated().toString());
        putRejection(one, entry);
        return one;
    }

    private static Map<String, Object> secret(Entry entry) {
        Map<String, Object> one = new LinkedHashMap<>();
        one.put("name", entry.name());
        if (!entry.version().isEmpty()) {
            one.put("version_info", entry.version());
        }
        one.put("last_updated", entry.updated().toString());
        putJson(one, "secret", entry);
        return one;
    }

    private static void putRejection(Map<String, Object> into, Entry entry) {
        DumpSource.Rejected rejected = entry.rejected();
        if (rejected == null) {
            return;
        }
        Map<String, Object> error = new LinkedHashMap<>();
        if (rejected.json() != null) {
            error.put("failed_configuration", rejected.json().get());
        }
        error.put("last_update_attempt", rejected.attempted().toString());
        error.put("details", rejected.details());
        if (!rejected.version().isEmpty()) {
            error.put("version_info", rejected.version());
        }
        into.put("error_state", error);
    }

    private static void putJson(Map<String, Object> into, String field, Entry entry) {
        if (entry.json() != null) {
            into.put(field, entry.json().get());
        }
    }

    private static void put(Map<String, Object> dump, String field, List<?> values) {
        if (!values.isEmpty()) {
            dump.put(field, values);
        }
    }

    private Map<String, Object> versioned(String type, Kind kind) {
        Map<String, Object> dump = section(type);
        if (!source.version(kind).isEmpty()) {
            dump.put("version_info", source.version(kind));
        }
        return dump;
    }

    private static Map<String, Object> section(String type) {
        Map<String, Object> dump = new LinkedHashMap<>();
        dump.put("@type", TYPES + type);
        return dump;
    }
}
