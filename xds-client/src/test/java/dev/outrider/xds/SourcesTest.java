package dev.outrider.xds;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import dev.outrider.xds.bootstrap.TreeText;
import dev.outrider.xds.model.Address;
import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.controlplane.server.V3DiscoveryServer;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Each type of resource from a source of its own: its gRPC service, or a file. */
class SourcesTest {

    private ClientRig rig;

    @TempDir
    private Path folder;

    @BeforeEach
    void start() throws IOException {
        rig = new ClientRig();
    }

    @AfterEach
    void stop() throws InterruptedException {
        rig.close();
    }

    private static String bootstrap(String lds, String cds, String clusters) {
        return """
                node: {id: "sidecar~10.0.0.1~vm.default~default.svc.cluster.local", cluster: vm.default}
                dynamic_resources:
                  lds_config: %s
                  cds_config: %s
                static_resources:
                  clusters: %s""".formatted(lds, cds, clusters);
    }

    private static String service(String api) {
        return """
                {"api_config_source": {"api_type": "%s", "transport_api_version": "V3", "grpc_services": [{"envoy_grpc": {"cluster_name": "xds"}}]},
                 "resource_api_version": "V3"}""".formatted(api);
    }

    private String file(String name) {
        return "{\"path_config_source\": {\"path\": \"" + folder.resolve(name) + "\"}, \"resource_api_version\": \"V3\"}";
    }

    private static String cluster(String name, String source) {
        return """
                {"@type": "type.googleapis.com/envoy.config.cluster.v3.Cluster", "name": "%s", "type": "EDS", "connect_timeout": "1s",
                 "eds_cluster_config": {"service_name": "%s.endpoints", "eds_config": %s}}""".formatted(name, name, source);
    }

    private static String assignment(String cluster, int port) {
        return """
                {"@type": "type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment", "cluster_name": "%s.endpoints",
                 "endpoints": [{"lb_endpoints": [{"endpoint": {"address": {"socket_address": {"address": "10.0.0.9", "port_value": %d}}}}]}]}"""
                .formatted(cluster, port);
    }

    private static String listener(String source) {
        return """
                {"@type": "type.googleapis.com/envoy.config.listener.v3.Listener", "name": "l",
                 "address": {"socket_address": {"address": "127.0.0.1", "port_value": 8000}},
                 "filter_chains": [{"filters": [{"name": "envoy.filters.network.http_connection_manager", "typed_config": {
                   "@type": "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
                   "stat_prefix": "l", "rds": {"route_config_name": "r", "config_source": %s},
                   "http_filters": [{"name": "envoy.filters.http.router", "typed_config": {
                     "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}}]}}]}]}""".formatted(source);
    }

    private static String route() {
        return """
                {"@type": "type.googleapis.com/envoy.config.route.v3.RouteConfiguration", "name": "r",
                 "virtual_hosts": [{"name": "all", "domains": ["*"], "routes": [{"match": {"prefix": "/"}, "route": {"cluster": "c"}}]}]}""";
    }

    private static String response(String... resources) {
        return "{\"version_info\": \"1\", \"resources\": [" + String.join(",", resources) + "]}";
    }

    private static <M extends Message> M message(String json, Parser<M> parser) throws InvalidProtocolBufferException {
        String type = json.replaceFirst("(?s)^.*?googleapis.com/([\\w.]+)\".*$", "$1");
        return parser.parseFrom(TreeText.read(json.replaceFirst("\"@type\": \"[^\"]+\",", ""), type, false));
    }

    private void write(String name, String... resources) throws IOException {
        Path next = Files.writeString(folder.resolve("next"), response(resources));
        Files.move(next, folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
    }

    private static Set<Integer> ports(MeshSnapshot snapshot, String cluster) {
        var assignment = snapshot.endpoints().get(cluster + ".endpoints");
        return assignment == null ? Set.of() : assignment.groups().stream().flatMap(group -> group.endpoints().stream())
                .map(endpoint -> ((Address.Ip) endpoint.address()).port()).collect(Collectors.toSet());
    }

    private static boolean complete(ClientRig.Seen seen) {
        MeshSnapshot now = seen.snapshot();
        return now.listeners().containsKey("l") && now.clusters().containsKey("c") && now.routes().containsKey("r") && !ports(now, "c").isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"GRPC", "DELTA_GRPC"})
    void eachTypeFromItsOwnService(String api) throws Exception {
        V3DiscoveryServer library = new V3DiscoveryServer(rig.cache);
        rig.serveOnly(
                library.getListenerDiscoveryServiceImpl(), library.getRouteDiscoveryServiceImpl(),
                library.getClusterDiscoveryServiceImpl(), library.getEndpointDiscoveryServiceImpl());
        rig.cache.setSnapshot("all", Snapshot.create(
                List.of(message(cluster("c", service(api)), Cluster.parser())),
                List.of(message(assignment("c", 1), ClusterLoadAssignment.parser())),
                List.of(message(listener(service(api)), Listener.parser())),
                List.of(message(route(), RouteConfiguration.parser())), List.of(), "1"));
        XdsClient client = rig.start(bootstrap(service(api), service(api), "\n" + ClientRig.cluster("xds", rig.port())));
        assertEquals(Set.of(1), ports(rig.await(SourcesTest::complete).snapshot(), "c"));
        client.initialState().join();
        assertTrue(client.status().connected());
    }

    @Test
    void eachTypeFromItsOwnFile() throws Exception {
        write("lds.json", listener(file("rds.json")));
        write("rds.json", route());
        write("cds.json", cluster("c", file("eds.json")));
        write("eds.json", assignment("c", 1), assignment("later", 2), assignment("nobody's", 3));
        XdsClient client = rig.start(bootstrap(file("lds.json"), file("cds.json"), "[]"));
        MeshSnapshot first = rig.await(SourcesTest::complete).snapshot();
        assertEquals(Set.of(1), ports(first, "c"));
        assertEquals(1, first.endpoints().size());
        client.initialState().join();

        write("cds.json", cluster("c", file("eds.json")), cluster("later", file("eds.json")));
        assertEquals(Set.of(2), ports(rig.await(seen -> !ports(seen.snapshot(), "later").isEmpty()).snapshot(), "later"));

        write("eds.json", assignment("c", 4), assignment("later", 2));
        ClientRig.Seen changed = rig.await(seen -> ports(seen.snapshot(), "c").equals(Set.of(4)));
        assertEquals(Set.of("c.endpoints"), changed.change().endpoints().changed());
    }

    @Test
    void aWatchedDirectoryIsReadAgainWhenItsLinkIsSwapped() throws Exception {
        for (int generation : List.of(1, 2)) {
            Path data = Files.createDirectory(folder.resolve("generation" + generation));
            Files.writeString(data.resolve("eds.json"), response(assignment("c", generation)));
        }
        Files.createSymbolicLink(folder.resolve("..data"), Path.of("generation1"));
        Files.createSymbolicLink(folder.resolve("eds.json"), Path.of("..data", "eds.json"));
        String watched = """
                {"path_config_source": {"path": "%s", "watched_directory": {"path": "%s"}}}""".formatted(folder.resolve("eds.json"), folder);
        write("cds.json", cluster("c", watched));
        rig.start(bootstrap("{\"path\": \"" + folder.resolve("lds.json") + "\"}", file("cds.json"), "[]"));
        rig.await(seen -> ports(seen.snapshot(), "c").equals(Set.of(1)));
        Files.move(Files.createSymbolicLink(folder.resolve("..next"), Path.of("generation2")), folder.resolve("..data"), StandardCopyOption.REPLACE_EXISTING,
                StandardCopyOption.ATOMIC_MOVE);
        rig.await(seen -> ports(seen.snapshot(), "c").equals(Set.of(2)));
    }

    @Test
    void aFileThatIsBrokenLeavesWhatItSaidBefore() throws Exception {
        write("cds.json", cluster("c", file("eds.json")));
        write("eds.json", assignment("c", 1));
        write("lds.json");
        XdsClient client = rig.start(bootstrap(file("lds.json"), file("cds.json"), "[]"));
        rig.await(seen -> ports(seen.snapshot(), "c").equals(Set.of(1)));
        Files.writeString(folder.resolve("eds.json"), "{\"resources\": [");
        write("cds.json", cluster("c", file("eds.json")), cluster("d", file("eds.json")));
        MeshSnapshot now = rig.await(seen -> seen.snapshot().clusters().containsKey("d")).snapshot();
        assertEquals(Set.of(1), ports(now, "c"));
        assertEquals("waits for endpoints 'd.endpoints'", Objects.requireNonNull(client.status().waiting().get("CLUSTER/d")));
    }
}
