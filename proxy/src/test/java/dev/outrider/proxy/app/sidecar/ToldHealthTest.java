package dev.outrider.proxy.app.sidecar;

import dev.outrider.proxy.probe.Prober;
import dev.outrider.proxy.probe.ReadinessProbe;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceImplBase;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** From a service that dies to what the control plane is told, through a whole sidecar. */
class ToldHealthTest {

    private static final InetAddress HERE = InetAddress.ofLiteral("127.0.0.1");

    private final BlockingQueue<DeltaDiscoveryRequest> health = new LinkedBlockingQueue<>();

    private DeltaDiscoveryRequest told() throws InterruptedException {
        DeltaDiscoveryRequest next = health.poll(30, TimeUnit.SECONDS);
        assertNotNull(next, "the control plane was told nothing");
        return next;
    }

    @Test
    void aServiceThatDiesIsReportedAndOneThatComesBackToo() throws Exception {
        Server plane = NettyServerBuilder.forAddress(new InetSocketAddress(HERE, 0)).addService(new Empty()).build().start();
        ServerSocket service = new ServerSocket(0, 5, HERE);
        int port = service.getLocalPort();
        var probe = new ReadinessProbe(new ReadinessProbe.Tcp("", port), Duration.ZERO, Duration.ofSeconds(5), Duration.ofMillis(20), 1, 1);
        try (Sidecar sidecar = Sidecar.start(SidecarConfig.of(bootstrap(plane.getPort())).withLocal(new SidecarConfig.Local(null, null, new Prober.Settings(probe, HERE), null, null, null, List.of())))) {
            DeltaDiscoveryRequest first = told();
            // The first look may come before the first configuration.
            assertTrue(!(first.hasErrorDetail() ? told() : first).hasErrorDetail());
            service.close();
            String reason = told().getErrorDetail().getMessage();
            assertTrue(reason.startsWith("connect to 127.0.0.1:" + port), reason);
            assertTrue(sidecar.unreadyReasons().contains("workload: unhealthy: " + reason), sidecar.unreadyReasons().toString());
            assertEquals(0, sidecar.stats().gauges().get("workload.health_check.healthy").value());
            service = new ServerSocket(port, 5, HERE);
            assertTrue(!told().hasErrorDetail());

            sidecar.handedOver();
            service.close();
        } finally {
            service.close();
            plane.shutdownNow().awaitTermination();
        }
        assertTrue(health.isEmpty(), "a process that was replaced has no say any more");
    }

    private static String bootstrap(int port) {
        return """
                node: {id: "sidecar~10.0.0.1~vm.default~default.svc.cluster.local", cluster: vm.default}
                dynamic_resources:
                  lds_config: {ads: {}, resource_api_version: V3}
                  cds_config: {ads: {}, resource_api_version: V3}
                  ads_config:
                    api_type: DELTA_GRPC
                    transport_api_version: V3
                    grpc_services: [{envoy_grpc: {cluster_name: xds-grpc}}]
                static_resources:
                  clusters:
                  - name: xds-grpc
                    type: STATIC
                    load_assignment:
                      cluster_name: xds-grpc
                      endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: %d}}}}]}]
                """.formatted(port);
    }

    /** Has nothing of any type. */
    private final class Empty extends AggregatedDiscoveryServiceImplBase {

        @Override
        public StreamObserver<DeltaDiscoveryRequest> deltaAggregatedResources(StreamObserver<DeltaDiscoveryResponse> answers) {
            return new StreamObserver<>() {
                @Override
                public void onNext(DeltaDiscoveryRequest request) {
                    if (request.getTypeUrl().endsWith("/istio.v1.HealthInformation")) {
                        health.add(request);
                    } else if (request.getResponseNonce().isEmpty()) {
                        answers.onNext(DeltaDiscoveryResponse.newBuilder().setTypeUrl(request.getTypeUrl()).setNonce("n").build());
                    }
                }

                @Override
                public void onError(Throwable failure) {
                    // The sidecar ends.
                }

                @Override
                public void onCompleted() {
                    answers.onCompleted();
                }
            };
        }
    }
}
