package dev.outrider.xds;

import com.google.rpc.Status;
import dev.outrider.xds.ads.ResourceType;
import dev.outrider.xds.ads.WorkloadHealth;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceImplBase;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

/** What a control plane is told of the workload's health, by both protocols. */
class WorkloadHealthTest {

    private static final String HEALTH = "type.googleapis.com/istio.v1.HealthInformation";

    private final ClientRig rig;

    WorkloadHealthTest() throws IOException {
        rig = new ClientRig();
    }

    @AfterEach
    void stop() throws InterruptedException {
        rig.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"DELTA_GRPC", "GRPC"})
    void healthFollowsListenersAndIsRepeatedOnEveryStream(String api) throws Exception {
        var first = new Recorder();
        rig.serveOnly(first);
        XdsClient client = rig.connect(api);
        client.health(new WorkloadHealth(false, "connection refused"));
        assertEquals(ResourceType.CLUSTER.typeUrl() + " ", first.next());
        assertEquals(ResourceType.LISTENER.typeUrl() + " ", first.next());
        assertEquals(HEALTH + " 13 connection refused", first.next());

        client.health(new WorkloadHealth(false, "connection refused"));
        client.health(WorkloadHealth.HEALTHY);
        assertEquals(HEALTH + " ", first.next(), "the same news are told once");

        int port = rig.stopServer();
        var second = new Recorder();
        rig.serveAgain(port, second);
        assertEquals(ResourceType.CLUSTER.typeUrl() + " ", second.next());
        assertEquals(ResourceType.LISTENER.typeUrl() + " ", second.next());
        assertEquals(HEALTH + " ", second.next());
    }

    @ParameterizedTest
    @ValueSource(strings = {"DELTA_GRPC", "GRPC"})
    void withoutNewsNothingIsTold(String api) throws Exception {
        var server = new Recorder();
        rig.serveOnly(server);
        rig.connect(api);
        server.next();
        server.next();
        rig.serveAgain(rig.stopServer(), server);
        assertEquals(ResourceType.CLUSTER.typeUrl() + " ", server.next(), "the next stream's first request is the next one of all");
    }

    /** Answers clusters with none, so that listeners are asked for; acknowledgements are not written down. */
    private static final class Recorder extends AggregatedDiscoveryServiceImplBase {

        private final BlockingQueue<String> requests = new LinkedBlockingQueue<>();

        String next() throws InterruptedException {
            String request = requests.poll(30, TimeUnit.SECONDS);
            assertNotNull(request, "no request came");
            return request;
        }

        private void request(String type, String nonce, boolean refused, Status error) {
            if (nonce.isEmpty()) {
                requests.add(type + " " + (refused ? error.getCode() + " " + error.getMessage() : ""));
            }
        }

        @Override
        public StreamObserver<DiscoveryRequest> streamAggregatedResources(StreamObserver<DiscoveryResponse> answers) {
            return observer(request -> {
                request(request.getTypeUrl(), request.getResponseNonce(), request.hasErrorDetail(), request.getErrorDetail());
                if (request.getTypeUrl().equals(ResourceType.CLUSTER.typeUrl()) && request.getResponseNonce().isEmpty()) {
                    answers.onNext(DiscoveryResponse.newBuilder().setTypeUrl(request.getTypeUrl()).setVersionInfo("1").setNonce("n").build());
                }
            });
        }

        @Override
        public StreamObserver<DeltaDiscoveryRequest> deltaAggregatedResources(StreamObserver<DeltaDiscoveryResponse> answers) {
            return observer(request -> {
                request(request.getTypeUrl(), request.getResponseNonce(), request.hasErrorDetail(), request.getErrorDetail());
                if (request.getTypeUrl().equals(ResourceType.CLUSTER.typeUrl()) && request.getResponseNonce().isEmpty()) {
                    answers.onNext(DeltaDiscoveryResponse.newBuilder().setTypeUrl(request.getTypeUrl()).setNonce("n").build());
                }
            });
        }

        private static <T> StreamObserver<T> observer(Consumer<T> onNext) {
            return new StreamObserver<>() {
                @Override
                public void onNext(T request) {
                    onNext.accept(request);
                }

                @Override
                public void onError(Throwable failure) {
                    // The test ends streams.
                }

                @Override
                public void onCompleted() {
                    // The client does not end them.
                }
            };
        }
    }
}
