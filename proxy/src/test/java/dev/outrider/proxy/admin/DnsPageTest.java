package dev.outrider.proxy.admin;

import dev.outrider.dns.DnsSettings;
import dev.outrider.dns.DnsShim;
import dev.outrider.dns.table.MeshName;
import dev.outrider.dns.table.StaticRecord;
import dev.outrider.proxy.admin.page.AdminRequest;
import dev.outrider.proxy.admin.page.AdminResponse;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The page of names before a shim with a table, a static record and a resolver where nobody listens. */
class DnsPageTest {
    private final StubState state = new StubState();
    private final AdminRouter router = AdminPages.router(state, state);
    private DnsShim shim;

    @BeforeEach
    void shim() throws Exception {
        InetSocketAddress nobody;
        try (DatagramSocket closed = new DatagramSocket(0, InetAddress.getLoopbackAddress())) {
            nobody = new InetSocketAddress(InetAddress.getLoopbackAddress(), closed.getLocalPort());
        }
        shim = new DnsShim(DnsSettings.defaults()
                .withListen(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0)).withServers(nobody)
                .withRecords(List.of(new StaticRecord("istiod.istio-system.svc", "A", "203.0.113.5"))));
        shim.start();
        shim.applyTable(List.of(new MeshName(
                "reviews.default.svc.cluster.local", List.of("10.96.0.7"), "Kubernetes", "reviews", "default", List.of()))).get();
        state.dns = shim;
    }

    @AfterEach
    void end() {
        shim.close();
    }

    private AdminResponse get(String target) {
        return router.serve(AdminRequest.of("GET", target, ""), "127.0.0.1:15000", "", true);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "name=Reviews.default&type=A | 10.96.0.7 | NOERROR from table: entry reviews.default.svc.cluster.local of Kubernetes",
        "name=istiod.istio-system.svc | 203.0.113.5 | NOERROR from static",
        "name=nothing.default.svc.cluster.local | NXDOMAIN | in a zone that is ours and not in the table",
        "name=www.example.com&type=AAAA | SERVFAIL from unreachable | no resolver answered",
    })
    void anAnswerSaysWhereItCameFrom(String query, String first, String second) {
        AdminResponse response = get("/dns?" + query);
        assertEquals(200, response.status());
        assertTrue(response.body().contains(first) && response.body().contains(second), response.body());
        assertTrue(response.body().matches("(?s).*\\([0-9]+ us\\)\\n"), response.body());
    }

    @Test
    void theDumpHasTableResolversAndTheirErrors() {
        get("/dns?name=www.example.com");
        String text = get("/dns").body();
        assertTrue(text.contains("reviews.default.svc.cluster.local  Kubernetes  10.96.0.7"), text);
        assertTrue(text.contains("last error: "), text);
        String json = get("/dns?format=json").body();
        assertTrue(json.contains("\"registry\": \"Kubernetes\"") && json.contains("\"synced\": true"), json);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"name=a..b | a..b", "name=a.example&type=NONE | NONE"})
    void whatIsNoQuestionIsSaidToBeNone(String query, String named) {
        AdminResponse response = get("/dns?" + query);
        assertEquals(400, response.status());
        assertTrue(response.body().contains(named), response.body());
    }

    @Test
    void aProcessWithoutDnsSaysSo() {
        state.dns = null;
        assertEquals(404, get("/dns").status());
    }
}
