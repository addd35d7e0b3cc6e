package dev.outrider.proxy.app.sidecar.port;

import dev.outrider.dns.table.MeshPort;
import dev.outrider.xds.MeshSnapshot;
import dev.outrider.xds.model.Cluster;
import dev.outrider.xds.model.Listener;
import dev.outrider.xds.proto.envoy.service.discovery.v3.DiscoveryResponse;
import dev.outrider.xds.proto.google.protobuf.Any;
import dev.outrider.xds.resource.ParsedResource;
import dev.outrider.xds.resource.ResourceParser;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.pcollections.HashPMap;
import org.pcollections.HashTreePMap;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Against what istiod sends for Bookinfo. */
class MeshPortsTest {

    private static List<MeshPort> ports = List.of();

    @BeforeAll
    static void readCapture() throws IOException {
        ResourceParser parser = new ResourceParser();
        HashPMap<String, Cluster> clusters = models("cds", parser::cluster);
        HashPMap<String, Listener> listeners = models("lds", parser::listener);
        MeshSnapshot none = MeshSnapshot.EMPTY;
        ports = MeshPorts.of(new MeshSnapshot(1, listeners, none.routes(), clusters, none.endpoints(), none.secrets(), none.names()));
    }

    private static <T> HashPMap<String, T> models(String type, Function<Any, ParsedResource<T>> parser) throws IOException {
        HashPMap<String, T> models = HashTreePMap.empty();
        try (InputStream in = Objects.requireNonNull(MeshPortsTest.class.getResourceAsStream("/mesh/bookinfo/" + type + ".pb"))) {
            for (Any any : DiscoveryResponse.parseFrom(in).getResourcesList()) {
                ParsedResource<T> parsed = parser.apply(any);
                models = models.plus(parsed.name(), Objects.requireNonNull(parsed.value(), parsed.name()));
            }
        }
        return models;
    }

    @ParameterizedTest
    @CsvSource({
        "reviews.default.svc.cluster.local, 9080, http",
        "catalog.shop.svc.cluster.local, 9090, grpc http2",
        "mysqldb.default.svc.cluster.local, 3306, unknown",
        "mysqldb.default.svc.cluster.local, 3307, none"
    })
    void protocolsFollowFromClustersAndListeners(String host, int port, String protocols) {
        List<String> known = ports.stream()
                .filter(row -> row.host().equals(host) && row.port() == port)
                .map(row -> row.protocol().isEmpty() ? "unknown" : row.protocol())
                .sorted().toList();
        assertEquals(protocols, known.isEmpty() ? "none" : String.join(" ", known));
    }

    @Test
    void rowsOfOnePortStandTogetherAndNoneIsMadeOfInboundOrSubsetClusters() {
        List<String> seen = new ArrayList<>();
        for (MeshPort row : ports) {
            assertEquals("tcp", row.transport());
            assertTrue(row.host().indexOf('|') < 0 && !row.host().isEmpty(), row.toString());
            String key = row.host() + ":" + row.port();
            if (seen.isEmpty() || !seen.getLast().equals(key)) {
                assertTrue(!seen.contains(key), key);
                seen.add(key);
            }
        }
    }
}
