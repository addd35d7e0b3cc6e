package dev.outrider.proxy.admin;

import com.sun.net.httpserver.HttpServer;
import dev.outrider.proxy.admin.agent.AgentQuitPage;
import dev.outrider.proxy.admin.page.AdminRequest;
import dev.outrider.proxy.datapath.upstream.Transport;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class AgentPortsTest {

    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, Transport.ioHandlers());
    private final StubState state = new StubState();

    @AfterEach
    void end() {
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly();
    }

    private AgentPorts start(int health, URI... applications) {
        return AgentPorts.start(
                loop, address -> Transport.server(), new AgentPorts.Settings(InetAddress.getLoopbackAddress(), false, 0, health, 0, List.of(applications)), state, state);
    }

    private static HttpResponse<String> ask(AgentPorts ports, int which, String method, String path) throws Exception {
        int port = ((InetSocketAddress) ports.addresses().get(which)).getPort();
        try (HttpClient client = HttpClient.newHttpClient()) {
            return client.send(
                    HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).method(method, HttpRequest.BodyPublishers.noBody()).build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }

    @Test
    void eachPortAnswersWhatClientsOfIstiosAgentAsk() throws Exception {
        try (AgentPorts ports = start(0)) {
            assertEquals(200, ask(ports, 0, "GET", "/healthz/ready").statusCode());
            assertEquals(200, ask(ports, 1, "GET", "/healthz/ready").statusCode());
            assertEquals(404, ask(ports, 1, "GET", "/stats/prometheus").statusCode());
            assertEquals(200, ask(ports, 2, "GET", "/stats/prometheus").statusCode());
            assertEquals(404, ask(ports, 2, "POST", "/quitquitquit").statusCode());
            assertEquals(405, ask(ports, 0, "GET", "/quitquitquit").statusCode());
            assertEquals(List.of(), state.asked);
            assertEquals(200, ask(ports, 0, "POST", "/quitquitquit").statusCode());
        }
        assertEquals(List.of("quit"), state.asked);
    }

    @Test
    void metricsOfApplicationsAreMergedAndOneThatFailsIsCounted() throws Exception {
        HttpServer application = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        application.createContext("/metrics", exchange -> {
            byte[] body = "# TYPE orders counter\norders_total 7\n# EOF\n".getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/openmetrics-text; version=1.0.0; charset=utf-8");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        application.start();
        URI there = URI.create("http://127.0.0.1:" + application.getAddress().getPort() + "/metrics");
        URI missing = URI.create("http://127.0.0.1:" + application.getAddress().getPort() + "/nothing");
        try (AgentPorts ports = start(0, missing, there)) {
            HttpResponse<String> merged = ask(ports, 0, "GET", "/stats/prometheus");
            assertTrue(merged.headers().firstValue("content-type").orElse("").startsWith("application/openmetrics-text"), merged.headers().map().toString());
            assertTrue(merged.body().endsWith("orders_total 7\n# EOF\n"), merged.body());
            assertFalse(ask(ports, 2, "GET", "/stats/prometheus").body().contains("orders_total"));
            assertEquals(1, state.stats().stats().counter("agent.scrape_failures_total").value());
        } finally {
            application.stop(0);
        }
    }

    @Test
    void aPortThatIsTakenCostsTheOthersNothing() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress()); AgentPorts ports = start(taken.getLocalPort())) {
            assertEquals(2, ports.addresses().size());
            assertEquals(200, ask(ports, 0, "GET", "/healthz/ready").statusCode());
        }
    }

    @Test
    void onlyThisMachineMayEndTheProcess() {
        AdminRouter router = new AdminRouter(List.of(AgentQuitPage.quit(state)), all -> List.of());
        assertEquals(403, router.serve(new AdminRequest("POST", "/quitquitquit", Map.of()), "10.0.0.5", "", false).status());
        assertEquals(200, router.serve(new AdminRequest("POST", "/quitquitquit", Map.of()), "10.0.0.5", "", true).status());
    }
}
