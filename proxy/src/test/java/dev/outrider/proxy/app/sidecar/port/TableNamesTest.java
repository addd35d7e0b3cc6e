package dev.outrider.proxy.app.sidecar.port;

import dev.outrider.proxy.datapath.cluster.HostResolver;
import dev.outrider.xds.model.NameTable;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;

class TableNamesTest {

    private static final NameTable TABLE = new NameTable(Map.of(
            "reviews.default.svc.cluster.local", row("10.96.0.11"),
            "mysql.data.svc.cluster.local", row("2001:2::1", "10.96.0.12"),
            "six.default.svc.cluster.local", row("2001:2::2"),
            "broken.default.svc.cluster.local", row("no address"),
            "*.example.com", row("240.240.0.1"),
            "*.far.example.com", row("240.240.0.2")));

    private static NameTable.Row row(String... ips) {
        return new NameTable.Row(List.of(ips), "Kubernetes", "", "", List.of());
    }

    private record Machine() implements HostResolver {
        @Override
        public CompletionStage<Answer> resolve(String host) {
            return CompletableFuture.completedFuture(new Answer(List.of(InetAddress.ofLiteral("192.0.2.1")), 0));
        }

        @Override
        public void close() {
            // Holds nothing.
        }
    }

    @ParameterizedTest
    @CsvSource({
        "reviews.default.svc.cluster.local, 10.96.0.11",
        "REVIEWS.Default.svc.cluster.local., 10.96.0.11",
        "reviews, 10.96.0.11",
        "reviews.default, 10.96.0.11",
        "reviews.default.svc, 10.96.0.11",
        "reviews., 192.0.2.1",
        "mysql, 192.0.2.1",
        "mysql.data, 10.96.0.12",
        "six, 2001:2:0:0:0:0:0:2",
        "broken, 192.0.2.1",
        "www.example.com, 240.240.0.1",
        "a.b.example.com, 240.240.0.1",
        "a.far.example.com, 240.240.0.2",
        "example.com, 192.0.2.1",
    })
    void namesOfTheMeshComeFirstAndTheMachineKnowsTheRest(String host, String address) throws Exception {
        HostResolver names = new TableNames(() -> TABLE, TableNames.search("sidecar~10.0.0.5~vm.default~default.svc.cluster.local"), new Machine());
        assertEquals(List.of(InetAddress.ofLiteral(address)), names.resolve(host).toCompletableFuture().get().addresses());
    }

    @Test
    void aNodeWithoutDomainCompletesNothing() {
        assertEquals(List.of("default.svc.cluster.local", "svc.cluster.local", "cluster.local"), TableNames.search("sidecar~10.0.0.5~vm.default~default.svc.cluster.local"));
        assertEquals(List.of("vm"), TableNames.search("vm"));
        assertEquals(List.of(), TableNames.search("sidecar~10.0.0.5~vm~"));
    }
}
