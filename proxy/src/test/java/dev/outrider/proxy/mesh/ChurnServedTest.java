package dev.outrider.proxy.mesh;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import dev.outrider.proxy.app.sidecar.Sidecar;
import dev.outrider.proxy.app.sidecar.SidecarConfig;
import dev.outrider.xds.ads.ResourceType;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceImplBase;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

/** A mesh that changes: the recorded delta stream message by message, and the states it passes through from a real ADS server. */
class ChurnServedTest {

    private static final Path FOLDER = Path.of("churn");

    private static List<Path> files() throws IOException {
        try (Stream<Path> all = Files.list(CapturedMesh.FOLDER.resolve(FOLDER))) {
            return all.filter(p -> p.toString().endsWith(".pb")).map(p -> FOLDER.resolve(p.getFileName())).sorted().toList();
        }
    }

    /** What a client holds after each message: type of file ({@code cds} …) to resources by name. */
    private static final class State {

        private final Map<String, Map<String, Any>> byType = new HashMap<>();

        void take(Path file) {
            String type = file.toString().replaceAll(".*-|\\.pb", "");
            Map<String, Any> resources = byType.computeIfAbsent(type, t -> new LinkedHashMap<>());
            DeltaDiscoveryResponse response = CapturedMesh.deltaResponse(file);
            response.getResourcesList().forEach(r -> resources.put(MeshControlPlane.name(r.getResource()), r.getResource()));
            response.getRemovedResourcesList().forEach(resources::remove);
        }

        CapturedMesh mesh() {
            return CapturedMesh.of(type -> List.copyOf(byType.getOrDefault(type, Map.of()).values()));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"DELTA_GRPC", "GRPC"})
    void everyStateIsTakenAndShownAsSent(String api) throws Exception {
        State state = new State();
        List<CapturedMesh> meshes = new ArrayList<>();
        List<Path> files = files();
        for (int i = 0; i < files.size(); i++) {
            state.take(files.get(i));
            // The numbers after which a state of the README of the capture is complete.
            if (Set.of(5, 6, 11, 14, 17, 22, 23, 27).contains(i + 1)) {
                meshes.add(state.mesh());
            }
        }
        try (MeshControlPlane controlPlane = new MeshControlPlane(meshes.getFirst().names())) {
            controlPlane.publish(meshes.getFirst().snapshot("1"));
            try (Sidecar sidecar = Sidecar.start(SidecarConfig.of(MeshBootstrap.ads(api, controlPlane.port())))) {
                for (int i = 0; i < meshes.size(); i++) {
                    CapturedMesh mesh = meshes.get(i);
                    controlPlane.publish(mesh.snapshot(Integer.toString(i + 1)));
                    awaitShown(sidecar, mesh);
                }
                assertEquals(Set.of(), controlPlane.refusals());
            }
        }
    }

    @Test
    void theRecordedStreamLeavesItsLastState() throws Exception {
        State state = new State();
        for (Path file : files()) {
            state.take(file);
        }
        Replay replay = new Replay(files());
        Server server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(replay).build().start();
        try (Sidecar sidecar = Sidecar.start(SidecarConfig.of(MeshBootstrap.ads("DELTA_GRPC", server.getPort())))) {
            replay.over.get(30, TimeUnit.SECONDS);
            assertEquals(List.of(), replay.refusals);
            awaitShown(sidecar, state.mesh());
        } finally {
            server.shutdownNow().awaitTermination();
        }
    }

    /** Removed clusters linger for a second, so that nothing that still leads to them fails. */
    private static void awaitShown(Sidecar sidecar, CapturedMesh mesh) throws Exception {
        Set<String> wanted = mesh.endpointNames(Set.of());
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        ConfigDumps dump = ConfigDumps.fetch(sidecar.adminAddress());
        while (!asSent(mesh, wanted, dump) && System.nanoTime() < deadline) {
            dump = ConfigDumps.fetch(sidecar.adminAddress());
        }
        assertFalse(dump.warming());
        assertEquals(ConfigDumps.canonical(mesh.clusters()), dump.clusters());
        assertEquals(ConfigDumps.canonical(mesh.listeners()), dump.listeners());
        assertEquals(ConfigDumps.canonical(mesh.routes()), dump.routes());
        assertEquals(endpoints(mesh, wanted), dump.endpoints());
    }

    private static boolean asSent(CapturedMesh mesh, Set<String> wanted, ConfigDumps dump) {
        return !dump.warming()
                && dump.clusters().equals(ConfigDumps.canonical(mesh.clusters()))
                && dump.listeners().equals(ConfigDumps.canonical(mesh.listeners()))
                && dump.routes().equals(ConfigDumps.canonical(mesh.routes()))
                && dump.endpoints().equals(endpoints(mesh, wanted));
    }

    private static Map<String, Message> endpoints(CapturedMesh mesh, Set<String> wanted) {
        Map<String, Message> all = ConfigDumps.canonical(mesh.endpoints());
        all.keySet().retainAll(wanted);
        return all;
    }

    /** Sends the recorded messages in order: each when the one before is acknowledged and its resources were asked for. */
    private static final class Replay extends AggregatedDiscoveryServiceImplBase {

        private final Deque<DeltaDiscoveryResponse> left = new ArrayDeque<>();
        private final Map<String, Set<String>> asked = new HashMap<>();
        private final List<String> refusals = new ArrayList<>();
        private final CompletableFuture<Void> over = new CompletableFuture<>();
        private String open = "";

        Replay(List<Path> files) {
            files.forEach(file -> left.add(CapturedMesh.deltaResponse(file)));
        }

        @Override
        public StreamObserver<DeltaDiscoveryRequest> deltaAggregatedResources(StreamObserver<DeltaDiscoveryResponse> out) {
            return new StreamObserver<>() {
                @Override
                public void onNext(DeltaDiscoveryRequest request) {
                    asked.computeIfAbsent(request.getTypeUrl(), t -> new HashSet<>()).addAll(request.getResourceNamesSubscribeList());
                    if (request.hasErrorDetail()) {
                        refusals.add(request.getErrorDetail().getMessage());
                    }
                    if (open.equals(request.getResponseNonce())) {
                        open = "";
                    }
                    sendNext(out);
                }

                @Override
                public void onError(Throwable cause) {
                    over.completeExceptionally(cause);
                }

                @Override
                public void onCompleted() {
                    out.onCompleted();
                }
            };
        }

        private void sendNext(StreamObserver<DeltaDiscoveryResponse> out) {
            if (left.isEmpty() && open.isEmpty()) {
                over.complete(null);
            } else if (open.isEmpty() && wanted(left.getFirst())) {
                DeltaDiscoveryResponse next = movable(left.removeFirst());
                open = next.getNonce();
                out.onNext(next);
            }
        }

        private boolean wanted(DeltaDiscoveryResponse next) {
            Set<String> names = asked.get(next.getTypeUrl());
            return names != null
                    && (names.isEmpty() || next.getResourcesList().stream().map(Resource::getName).allMatch(names::contains));
        }

        private static DeltaDiscoveryResponse movable(DeltaDiscoveryResponse response) {
            DeltaDiscoveryResponse.Builder moved = response.toBuilder();
            for (Resource.Builder resource : moved.getResourcesBuilderList()) {
                if (resource.getResource().getTypeUrl().equals(ResourceType.LISTENER.typeUrl())) {
                    resource.setResource(Any.pack(CapturedMesh.movable(CapturedMesh.unpack(resource.getResource(), Listener.class))));
                }
            }
            return moved.build();
        }
    }
}
