package dev.outrider.xds;

import dev.outrider.xds.ads.ResourceType;
import io.envoyproxy.controlplane.cache.v3.Snapshot;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceImplBase;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** When the first state counts as complete, and when what a server does not repeat counts as gone. */
class ReadinessTest {

    private static final Cluster ANY = Cluster.newBuilder().setName("any").build();

    private final ClientRig rig;

    ReadinessTest() throws IOException {
        rig = new ClientRig();
    }

    @AfterEach
    void stop() throws InterruptedException {
        rig.close();
    }

    /** Its secrets would be waited for 15 s: it is decided without them, and says what it waits for. */
    @ParameterizedTest
    @ValueSource(strings = {"DELTA_GRPC", "GRPC"})
    void aListenerThatWaitsForASecretHoldsNothing(String api) throws Exception {
        List<Listener> listeners = ClientRig.captured("bookinfo", "lds.pb", Listener.class).stream()
                .filter(one -> one.getName().equals("virtualInbound")).toList();
        rig.cache.setSnapshot("all", Snapshot.create(List.of(ANY), List.of(), listeners, List.of(), List.of(), "1"));
        XdsClient client = rig.connect(api);
        client.initialState().get(30, TimeUnit.SECONDS);
        ConfigArchive.Entry inbound = client.archive().types().get(ResourceType.LISTENER).entries().getFirst();
        assertNull(inbound.active(), "it was not decided before it had waited its 15 s");
        assertTrue(client.status().waiting().get("LISTENER/virtualInbound").contains("secret 'default'"));
        assertTrue(client.status().ready());
    }

    @Test
    void aFirstAnswerInTwoPartsLosesNothingButWhatVanished() throws Exception {
        InParts server = new InParts();
        rig.serveOnly(server);
        rig.connect("DELTA_GRPC");
        rig.await(seen -> seen.snapshot().clusters().keySet().containsAll(Set.of("a", "b", "c")));
        server.breakStream();
        ClientRig.Seen next = rig.await(seen -> !seen.change().clusters().removed().isEmpty());
        assertEquals(Set.of("c"), next.change().clusters().removed());
        assertEquals(2, server.streams.get());
    }

    /** On its second stream, a and b in a response each, and c is no more. */
    private static final class InParts extends AggregatedDiscoveryServiceImplBase {

        private final AtomicInteger streams = new AtomicInteger();
        private volatile StreamObserver<DeltaDiscoveryResponse> current;

        void breakStream() {
            current.onCompleted();
        }

        @Override
        public StreamObserver<DeltaDiscoveryRequest> deltaAggregatedResources(StreamObserver<DeltaDiscoveryResponse> out) {
            current = out;
            boolean first = streams.incrementAndGet() == 1;
            return new Requests<>(request -> {
                if (!request.getTypeUrl().equals(ResourceType.CLUSTER.typeUrl())) {
                    return;
                }
                switch (request.getResponseNonce()) {
                    case "" -> out.onNext(first ? response("0", "a", "b", "c") : response("1", "a"));
                    case "1" -> out.onNext(response("2", "b"));
                    default -> { }
                }
            });
        }

        private static DeltaDiscoveryResponse response(String nonce, String... names) {
            DeltaDiscoveryResponse.Builder response = DeltaDiscoveryResponse.newBuilder()
                    .setTypeUrl(ResourceType.CLUSTER.typeUrl()).setNonce(nonce);
            for (String name : names) {
                response.addResources(Resource.newBuilder().setName(name).setVersion("1")
                        .setResource(com.google.protobuf.Any.pack(Cluster.newBuilder().setName(name).build())));
            }
            return response.build();
        }
    }

    /** Some servers answer a refusal at once with the very same. */
    @Test
    void aRefusalThatIsAnsweredWithTheSameIsNotALoop() throws Exception {
        Stubborn server = new Stubborn();
        rig.serveOnly(server);
        XdsClient client = rig.connect("GRPC");
        assertTrue(server.refusals.await(30, TimeUnit.SECONDS));
        // Its bounds here are 1 and 5 ms: without a pause there would be hundreds in the time of eight pauses.
        long paused = server.lastNanos - server.firstNanos;
        assertTrue(paused >= TimeUnit.MILLISECONDS.toNanos(1 + 2 + 4 + 5 + 5 + 5), () -> "eight refusals took " + paused + " ns");
        assertTrue(client.status().lastRejections().getFirst().startsWith("[CLUSTER, bad] "));
    }

    private static final class Stubborn extends AggregatedDiscoveryServiceImplBase {

        private final CountDownLatch refusals = new CountDownLatch(8);
        private volatile long firstNanos;
        private volatile long lastNanos;

        @Override
        public StreamObserver<DiscoveryRequest> streamAggregatedResources(StreamObserver<DiscoveryResponse> out) {
            AtomicInteger nonce = new AtomicInteger();
            return new Requests<>(request -> {
                if (!request.getTypeUrl().equals(ResourceType.CLUSTER.typeUrl())) {
                    return;
                }
                if (request.hasErrorDetail()) {
                    lastNanos = System.nanoTime();
                    if (refusals.getCount() == 8) {
                        firstNanos = lastNanos;
                    }
                    refusals.countDown();
                }
                out.onNext(DiscoveryResponse.newBuilder()
                        .setTypeUrl(ResourceType.CLUSTER.typeUrl()).setVersionInfo("1").setNonce("" + nonce.incrementAndGet())
                        .addResources(com.google.protobuf.Any.pack(
                                Cluster.newBuilder().setName("bad").setType(Cluster.DiscoveryType.LOGICAL_DNS).build()))
                        .build());
            });
        }
    }

    private record Requests<Q>(Consumer<Q> sink) implements StreamObserver<Q> {

        @Override
        public void onNext(Q request) {
            sink.accept(request);
        }

        @Override
        public void onError(Throwable cause) {
            // The stream is over, which is all that these servers need to know.
        }

        @Override
        public void onCompleted() {
            // Likewise.
        }
    }
}
