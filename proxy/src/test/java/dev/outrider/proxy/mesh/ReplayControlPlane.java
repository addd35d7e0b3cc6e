package dev.outrider.proxy.mesh;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.outrider.proxy.identity.ca.MeshCa;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.Status;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.handler.ssl.ClientAuth;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLPeerUnverifiedException;

/**
 * A control plane that serves a folder of captured DiscoveryResponses ({@code lds.pb} …) over mutual TLS, both ADS protocols, and pushes again when a
 * file changes. A process of its own in the machine tests: {@code ReplayControlPlane PORT FOLDER CERT KEY ROOT [ROOTKEY TOKENFILE ID]}, with the last three
 * istiod's CA too ({@link MeshCa}), for which a client needs no certificate. With the property {@code mesh.dualStack} services are {@link DualStack}.
 */
public final class ReplayControlPlane extends AggregatedDiscoveryServiceGrpc.AggregatedDiscoveryServiceImplBase {

    private static final String TYPES = "type.googleapis.com/";
    private static final Map<String, String> FILES = Map.of(
            TYPES + "envoy.config.listener.v3.Listener", "lds.pb",
            TYPES + "envoy.config.cluster.v3.Cluster", "cds.pb",
            TYPES + "envoy.config.route.v3.RouteConfiguration", "rds.pb",
            TYPES + "envoy.config.endpoint.v3.ClusterLoadAssignment", "eds.pb",
            TYPES + "istio.networking.nds.v1.NameTable", "nds.pb");

    private final Path folder;
    private final ScheduledExecutorService turn = Executors.newSingleThreadScheduledExecutor();
    private final List<Stream> streams = new CopyOnWriteArrayList<>();
    private Map<String, Map<String, Any>> resources = Map.of();
    private String stamp = "";
    private int version;

    private ReplayControlPlane(Path folder) throws IOException {
        this.folder = folder;
        reload();
        turn.scheduleWithFixedDelay(this::reloadAndPush, 200, 200, TimeUnit.MILLISECONDS);
    }

    public static void main(String[] args) throws Exception {
        NettyServerBuilder builder = NettyServerBuilder.forPort(Integer.parseInt(args[0]))
                .sslContext(GrpcSslContexts.forServer(new File(args[2]), new File(args[3]))
                        .trustManager(new File(args[4]))
                        .clientAuth(ClientAuth.OPTIONAL)
                        .build())
                .addService(ServerInterceptors.intercept(new ReplayControlPlane(Path.of(args[1])), new Certified()));
        if (args.length > 5) {
            builder.addService(new MeshCa(List.of(args).subList(4, args.length)).service());
        }
        Server server = builder.build().start();
        System.out.println("serving on " + server.getPort());
        server.awaitTermination();
    }

    /** Configuration is for who shows a certificate. */
    private static final class Certified implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            try {
                call.getAttributes().get(Grpc.TRANSPORT_ATTR_SSL_SESSION).getPeerCertificates();
                return next.startCall(call, headers);
            } catch (SSLPeerUnverifiedException e) {
                call.close(Status.UNAUTHENTICATED.withDescription("no client certificate").withCause(e), new Metadata());
                return new ServerCall.Listener<>() {};
            }
        }
    }

    private String stampNow() throws IOException {
        StringBuilder all = new StringBuilder();
        for (String file : FILES.values()) {
            Path path = folder.resolve(file);
            all.append(Files.exists(path) ? Files.getLastModifiedTime(path).toMillis() + ":" + Files.size(path) : "-").append(' ');
        }
        return all.toString();
    }

    private boolean reload() throws IOException {
        String now = stampNow();
        if (now.equals(stamp)) {
            return false;
        }
        Map<String, Map<String, Any>> all = new HashMap<>();
        for (Map.Entry<String, String> type : FILES.entrySet()) {
            Path path = folder.resolve(type.getValue());
            Map<String, Any> named = new LinkedHashMap<>();
            if (Files.exists(path)) {
                for (Any any : DiscoveryResponse.parseFrom(Files.readAllBytes(path)).getResourcesList()) {
                    named.put(name(any), Boolean.getBoolean("mesh.dualStack") ? DualStack.of(any) : any);
                }
            }
            all.put(type.getKey(), named);
        }
        resources = all;
        stamp = now;
        version++;
        return true;
    }

    private static String name(Any any) throws InvalidProtocolBufferException {
        return switch (any.getTypeUrl().substring(any.getTypeUrl().lastIndexOf('.') + 1)) {
            case "Listener" -> any.unpack(Listener.class).getName();
            case "Cluster" -> any.unpack(Cluster.class).getName();
            case "RouteConfiguration" -> any.unpack(RouteConfiguration.class).getName();
            case "ClusterLoadAssignment" -> any.unpack(ClusterLoadAssignment.class).getClusterName();
            default -> "";
        };
    }

    private void reloadAndPush() {
        try {
            if (reload()) {
                System.out.println("pushing version " + version);
                streams.forEach(Stream::pushAll);
            }
        } catch (IOException e) {
            System.out.println("not reloaded: " + e);
        }
    }

    @Override
    public StreamObserver<DeltaDiscoveryRequest> deltaAggregatedResources(StreamObserver<DeltaDiscoveryResponse> out) {
        return new Delta(out);
    }

    @Override
    public StreamObserver<DiscoveryRequest> streamAggregatedResources(StreamObserver<DiscoveryResponse> out) {
        return new StateOfTheWorld(out);
    }

    private interface Stream {
        void pushAll();
    }

    private final class Delta implements StreamObserver<DeltaDiscoveryRequest>, Stream {
        private final StreamObserver<DeltaDiscoveryResponse> out;
        private final Map<String, Set<String>> names = new HashMap<>();
        private final Map<String, Map<String, Any>> sent = new HashMap<>();

        Delta(StreamObserver<DeltaDiscoveryResponse> out) {
            this.out = out;
            streams.add(this);
        }

        @Override
        public void onNext(DeltaDiscoveryRequest request) {
            turn.execute(() -> {
                if (request.hasErrorDetail()) {
                    System.out.println("NACK " + request.getTypeUrl() + " " + request.getErrorDetail().getMessage());
                }
                String type = request.getTypeUrl();
                boolean first = !names.containsKey(type);
                Set<String> asked = names.computeIfAbsent(type, t -> new HashSet<>());
                boolean more = asked.addAll(request.getResourceNamesSubscribeList());
                asked.removeAll(request.getResourceNamesUnsubscribeList());
                if (first || more) {
                    push(type, request.getResourceNamesSubscribeList(), first);
                }
            });
        }

        @Override
        public void pushAll() {
            names.keySet().forEach(type -> push(type, List.of(), false));
        }

        private void push(String type, List<String> subscribed, boolean first) {
            Map<String, Any> all = resources.getOrDefault(type, Map.of());
            Map<String, Any> before = sent.computeIfAbsent(type, t -> new HashMap<>());
            Set<String> asked = names.getOrDefault(type, Set.of());
            boolean wildcard = asked.isEmpty() || asked.contains("*");
            DeltaDiscoveryResponse.Builder response = DeltaDiscoveryResponse.newBuilder().setTypeUrl(type).setNonce(type + version + System.nanoTime());
            all.forEach((name, any) -> {
                if ((wildcard || asked.contains(name)) && (subscribed.contains(name) || !any.equals(before.get(name)))) {
                    response.addResources(Resource.newBuilder().setName(name).setVersion("" + version).setResource(any));
                    before.put(name, any);
                }
            });
            for (String gone : Set.copyOf(before.keySet())) {
                if (!all.containsKey(gone)) {
                    response.addRemovedResources(gone);
                    before.remove(gone);
                }
            }
            if (first || response.getResourcesCount() > 0 || response.getRemovedResourcesCount() > 0) {
                out.onNext(response.build());
            }
        }

        @Override
        public void onError(Throwable t) {
            streams.remove(this);
        }

        @Override
        public void onCompleted() {
            streams.remove(this);
            out.onCompleted();
        }
    }

    private final class StateOfTheWorld implements StreamObserver<DiscoveryRequest>, Stream {
        private final StreamObserver<DiscoveryResponse> out;
        private final Map<String, Set<String>> names = new HashMap<>();

        StateOfTheWorld(StreamObserver<DiscoveryResponse> out) {
            this.out = out;
            streams.add(this);
        }

        @Override
        public void onNext(DiscoveryRequest request) {
            turn.execute(() -> {
                if (request.hasErrorDetail()) {
                    System.out.println("NACK " + request.getTypeUrl() + " " + request.getErrorDetail().getMessage());
                }
                Set<String> asked = new HashSet<>(request.getResourceNamesList());
                Set<String> before = names.put(request.getTypeUrl(), asked);
                if (before == null || !before.containsAll(asked)) {
                    push(request.getTypeUrl());
                }
            });
        }

        @Override
        public void pushAll() {
            names.keySet().forEach(this::push);
        }

        private void push(String type) {
            Set<String> asked = names.getOrDefault(type, Set.of());
            DiscoveryResponse.Builder response = DiscoveryResponse.newBuilder()
                    .setTypeUrl(type).setVersionInfo("" + version).setNonce(type + version + System.nanoTime());
            resources.getOrDefault(type, Map.of()).forEach((name, any) -> {
                if (asked.isEmpty() || asked.contains("*") || asked.contains(name)) {
                    response.addResources(any);
                }
            });
            out.onNext(response.build());
        }

        @Override
        public void onError(Throwable t) {
            streams.remove(this);
        }

        @Override
        public void onCompleted() {
            streams.remove(this);
            out.onCompleted();
        }
    }
}
