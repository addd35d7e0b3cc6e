package dev.outrider.proxy.app.sidecar;

import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** A request that is followed to its endpoint, and the endpoint dialled. */
@Timeout(60)
class DiallingTest {

    @Test
    void saysWhoIsThere() throws Exception {
        try (var mesh = new TestMesh()) {
            HttpResponse<String> answer = explain(mesh, mesh.address("out").getPort());
            assertEquals(200, answer.statusCode(), answer.body());
            assertTrue(answer.body().contains("not needed: the sidecar listens at 127.0.0.1:"), answer.body());
            assertTrue(answer.body().contains(": it is spiffe://cluster.local/ns/default/sa/vm\n"), answer.body());
            assertTrue(answer.body().contains("we are spiffe://cluster.local/ns/default/sa/vm\n"), answer.body());
        }
    }

    @Test
    void saysWhyNobodyIs() throws Exception {
        try (var mesh = new TestMesh()) {
            mesh.backend.close();
            // The inbound side leads to the application that is gone.
            HttpResponse<String> answer = explain(mesh, mesh.address("tcp-in").getPort(), "wire=tls");
            assertEquals(503, answer.statusCode(), answer.body());
            assertTrue(answer.body().contains("ERROR dial"), answer.body());
            assertTrue(answer.body().contains("Connection refused"), answer.body());
            assertTrue(answer.body().contains("nothing listens there"), answer.body());
        }
    }

    private static HttpResponse<String> explain(TestMesh mesh, int port, String... more) throws Exception {
        InetSocketAddress at = (InetSocketAddress) mesh.sidecar.adminAddress();
        URI uri = URI.create("http://127.0.0.1:" + at.getPort() + "/explain?host=127.0.0.1&port=" + port + "&dial&" + String.join("&", more));
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(HttpRequest.newBuilder(uri).POST(HttpRequest.BodyPublishers.noBody()).build(), HttpResponse.BodyHandlers.ofString());
        }
    }
}
