package dev.outrider.proxy.demo;

import dev.outrider.proxy.demo.DemoReport.Finding;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** What the mesh-expansion guide promises, done and checked one by one. Main thread; blocks. */
final class DemoSteps {

    private static final Duration READY = Duration.ofSeconds(30);
    private static final Duration SHIFT = Duration.ofSeconds(10);
    private static final int SAMPLE = 40;

    private final DemoMesh mesh;
    private final DemoPorts ports;

    DemoSteps(DemoMesh mesh, DemoPorts ports) {
        this.mesh = mesh;
        this.ports = ports;
    }

    /** Why a step is not fulfilled. */
    static final class StepFailed extends Exception {
        private static final long serialVersionUID = 1L;

        StepFailed(String message) {
            super(message, null, false, false);
        }
    }

    interface Check {
        Finding run() throws StepFailed, IOException, InterruptedException;
    }

    record Step(String name, String title, Check check) {}

    List<Step> all() {
        return List.of(
                new Step("ready", "both sidecars hold the configuration that the control plane sent over mutual TLS", this::ready),
                new Step("resolve", "the machine's DNS knows the names of the mesh", this::resolve),
                new Step("request", "a plain client on the machine calls productpage through the sidecar", this::request),
                new Step("identity", "both sides know each other by SPIFFE identity", this::identity),
                new Step("server-first", "mysqldb, which speaks first, is reached over TCP", this::serverFirst),
                new Step("inbound", "the cluster calls a service that runs on the machine", this::inbound),
                new Step("shift", "a route weight changes while traffic flows", this::shift));
    }

    private Finding ready() throws StepFailed, InterruptedException {
        for (var sidecar : List.of(mesh.cluster().sidecar(), mesh.machine())) {
            if (!sidecar.awaitReady(READY)) {
                throw new StepFailed("not ready after " + READY.toSeconds() + " s: " + String.join("; ", sidecar.unreadyReasons()));
            }
        }
        return Finding.of("machine http://127.0.0.1:" + ports.admin() + "/ready   cluster http://127.0.0.1:" + ports.clusterAdmin() + "/ready",
                Map.of("machine_admin", ports.admin(), "cluster_admin", ports.clusterAdmin()));
    }

    private Finding resolve() throws StepFailed, IOException {
        String host = DemoService.PRODUCTPAGE.host();
        String expected = DemoService.PRODUCTPAGE.serviceAddress();
        String address = DnsQuestion.ask(Loopback.at(ports.dns()), host).orElse("no address");
        require(address.equals(expected), host + " resolved to " + address + ", expected " + expected);
        return Finding.of(host + " -> " + address, Map.of("host", host, "address", address));
    }

    private PlainHttp.Answer call(DemoService service) throws IOException {
        return mesh.cluster().call(service);
    }

    private Finding request() throws StepFailed, IOException {
        PlainHttp.Answer answer = call(DemoService.PRODUCTPAGE);
        require(answer.ok(), "productpage answered " + answer.statusLine());
        require(answer.header("server").equals("envoy"), "server: " + answer.header("server") + ", expected envoy");
        require(answer.body().contains("Simple Bookstore App"), "the page is not productpage's");
        return new Finding(
                List.of(answer.statusLine(), "server: " + answer.header("server"), "content-type: " + answer.header("content-type")),
                Map.of("status", answer.statusLine(), "server", answer.header("server")));
    }

    private Finding identity() throws StepFailed, IOException {
        String xfcc = call(DemoService.PRODUCTPAGE).header("x-caller");
        return identities(xfcc, DemoCluster.machineIdentity(), DemoService.PRODUCTPAGE.identity());
    }

    private static Finding identities(String xfcc, String client, String server) throws StepFailed {
        require(xfcc.contains("URI=" + client), "x-forwarded-client-cert is '" + xfcc + "', expected URI=" + client);
        require(xfcc.contains("By=" + server), "x-forwarded-client-cert is '" + xfcc + "', expected By=" + server);
        return new Finding(List.of("client " + client, "server " + server), Map.of("client", client, "server", server, "xfcc", xfcc));
    }

    private Finding serverFirst() throws StepFailed, IOException {
        String version = mesh.cluster().greeting();
        require(!version.isEmpty(), "no MySQL greeting came");
        return Finding.of("greeting of MySQL " + version + ", before the client said anything", Map.of("version", version));
    }

    private Finding inbound() throws StepFailed, IOException {
        PlainHttp.Answer answer = call(DemoService.VMHTTP);
        require(answer.ok(), "the machine's service answered " + answer.statusLine());
        Finding identities = identities(answer.header("x-caller"), DemoCluster.callerIdentity(), DemoService.VMHTTP.identity());
        List<String> lines = new ArrayList<>(List.of(answer.statusLine() + " from " + answer.header("x-pod")));
        lines.addAll(identities.lines());
        return new Finding(lines, identities.facts());
    }

    private Finding shift() throws StepFailed, IOException {
        Map<String, Integer> before = sample();
        require(before.keySet().equals(Set.of("reviews-v1")), "with all weight on v1 the answers came from " + before);
        mesh.cluster().reviews(List.of(50, 0, 50));
        long deadline = System.nanoTime() + SHIFT.toNanos();
        Map<String, Integer> after = sample();
        while (!after.containsKey("reviews-v3") && System.nanoTime() < deadline) {
            after = sample();
        }
        require(after.containsKey("reviews-v3"), "after moving half the weight to v3 the answers still came from " + after);
        require(!after.containsKey("reviews-v2"), "v2 has no weight and answered: " + after);
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put("before", before);
        facts.put("after", after);
        return new Finding(List.of("v1 100 %:          " + before, "v1 50 %, v3 50 %:  " + after), facts);
    }

    private Map<String, Integer> sample() throws StepFailed, IOException {
        Map<String, Integer> pods = new TreeMap<>();
        for (int i = 0; i < SAMPLE; i++) {
            PlainHttp.Answer answer = call(DemoService.REVIEWS);
            require(answer.ok(), "reviews answered " + answer.statusLine());
            pods.merge(answer.header("x-pod"), 1, Integer::sum);
        }
        return pods;
    }

    private static void require(boolean fulfilled, String reason) throws StepFailed {
        if (!fulfilled) {
            throw new StepFailed(reason);
        }
    }
}
