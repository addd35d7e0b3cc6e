package dev.outrider.proxy.identity.sds;

import com.google.protobuf.MessageLite;
import dev.outrider.xds.SecretSource;
import dev.outrider.xds.proto.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import dev.outrider.xds.proto.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import dev.outrider.xds.proto.envoy.service.discovery.v3.DiscoveryRequest;
import dev.outrider.xds.proto.envoy.service.discovery.v3.DiscoveryResponse;
import dev.outrider.xds.proto.envoy.service.discovery.v3.Resource;
import dev.outrider.xds.proto.google.protobuf.Any;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.protobuf.lite.ProtoLiteUtils;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import java.util.logging.Level;
import java.util.logging.Logger;

/** envoy.service.secret.v3.SecretDiscoveryService over one source, all three methods. gRPC's threads and the source's. */
final class SecretService implements BindableService {

    private static final Logger LOG = Logger.getLogger("dev.outrider.proxy.identity");

    private static final String NAME = "envoy.service.secret.v3.SecretDiscoveryService";

    /** There are two secrets; a client that asks for more names than this is broken. */
    private static final int MAX_NAMES = 64;

    private final SecretSource source;
    private final AtomicLong versions = new AtomicLong();

    SecretService(SecretSource source) {
        this.source = source;
    }

    @Override
    public ServerServiceDefinition bindService() {
        return ServerServiceDefinition.builder(NAME)
                .addMethod(
                        method(MethodType.UNARY, "FetchSecrets", DiscoveryRequest.getDefaultInstance(), DiscoveryResponse.getDefaultInstance()),
                        ServerCalls.asyncUnaryCall(this::fetch))
                .addMethod(
                        method(MethodType.BIDI_STREAMING, "StreamSecrets", DiscoveryRequest.getDefaultInstance(), DiscoveryResponse.getDefaultInstance()),
                        ServerCalls.asyncBidiStreamingCall(this::stream))
                .addMethod(
                        method(MethodType.BIDI_STREAMING, "DeltaSecrets",
                                DeltaDiscoveryRequest.getDefaultInstance(), DeltaDiscoveryResponse.getDefaultInstance()),
                        ServerCalls.asyncBidiStreamingCall(this::delta))
                .build();
    }

    private static <Q extends MessageLite, A extends MessageLite> MethodDescriptor<Q, A> method(MethodType type, String name, Q request, A response) {
        return MethodDescriptor.<Q, A>newBuilder()
                .setType(type)
                .setFullMethodName(MethodDescriptor.generateFullMethodName(NAME, name))
                .setRequestMarshaller(ProtoLiteUtils.marshaller(request))
                .setResponseMarshaller(ProtoLiteUtils.marshaller(response))
                .build();
    }

    private void fetch(DiscoveryRequest request, StreamObserver<DiscoveryResponse> out) {
        DiscoveryResponse.Builder response = DiscoveryResponse.newBuilder().setTypeUrl(SecretMessages.TYPE).setVersionInfo(version());
        for (String name : request.getResourceNamesList()) {
            var secret = source.serves(name) ? source.now(name) : null;
            if (secret == null) {
                out.onError(Status.NOT_FOUND.withDescription("secret '" + name + "' is not here; 'default' and 'ROOTCA' are, once the CA has signed").asRuntimeException());
                return;
            }
            response.addResources(SecretMessages.of(name, secret));
        }
        out.onNext(response.build());
        out.onCompleted();
    }

    private String version() {
        return Long.toString(versions.incrementAndGet());
    }

    private StreamObserver<DiscoveryRequest> stream(StreamObserver<DiscoveryResponse> out) {
        Map<String, Any> known = new TreeMap<>();
        Subscriptions subscriptions = new Subscriptions(out, (name, secret) -> {
            known.put(name, secret);
            String version = version();
            out.onNext(DiscoveryResponse.newBuilder().setTypeUrl(SecretMessages.TYPE).setVersionInfo(version).setNonce(version)
                    .addAllResources(known.values()).build());
        });
        return new Requests<>(subscriptions) {
            @Override
            void received(DiscoveryRequest request) {
                known.keySet().retainAll(request.getResourceNamesList());
                subscriptions.exactly(request.getResourceNamesList());
                if (request.hasErrorDetail()) {
                    LOG.warning("a local client refused its secrets: " + request.getErrorDetail().getMessage());
                }
            }
        };
    }

    private StreamObserver<DeltaDiscoveryRequest> delta(StreamObserver<DeltaDiscoveryResponse> out) {
        Subscriptions subscriptions = new Subscriptions(out, (name, secret) -> {
            String version = version();
            out.onNext(DeltaDiscoveryResponse.newBuilder().setTypeUrl(SecretMessages.TYPE).setNonce(version)
                    .addResources(Resource.newBuilder().setName(name).setVersion(version).setResource(secret)).build());
        });
        return new Requests<>(subscriptions) {
            @Override
            void received(DeltaDiscoveryRequest request) {
                subscriptions.add(request.getResourceNamesSubscribeList());
                subscriptions.remove(request.getResourceNamesUnsubscribeList());
                if (request.hasErrorDetail()) {
                    LOG.warning("a local client refused its secrets: " + request.getErrorDetail().getMessage());
                }
            }
        };
    }

    /** Requests of one stream, until it ends in any way. */
    private abstract static class Requests<T> implements StreamObserver<T> {

        private final Subscriptions subscriptions;

        Requests(Subscriptions subscriptions) {
            this.subscriptions = subscriptions;
        }

        abstract void received(T request);

        @Override
        public void onNext(T request) {
            synchronized (subscriptions) {
                received(request);
            }
        }

        @Override
        public void onError(Throwable t) {
            subscriptions.close();
        }

        @Override
        public void onCompleted() {
            subscriptions.close();
            subscriptions.out.onCompleted();
        }
    }

    /** What one stream watches. Its monitor serialises requests and pushes. */
    private final class Subscriptions {

        private final StreamObserver<?> out;
        private final BiConsumer<String, Any> push;
        private final Set<String> wanted = new HashSet<>();
        private final Map<String, AutoCloseable> watches = new HashMap<>();
        private boolean closed;

        Subscriptions(StreamObserver<?> out, BiConsumer<String, Any> push) {
            this.out = out;
            this.push = push;
        }

        void exactly(Collection<String> names) {
            remove(Set.copyOf(wanted).stream().filter(name -> !names.contains(name)).toList());
            add(names);
        }

        synchronized void add(Collection<String> names) {
            for (String name : names) {
                if (closed || wanted.contains(name)) {
                    continue;
                }
                if (wanted.size() >= MAX_NAMES || !source.serves(name)) {
                    LOG.warning("a local client asked for the secret '" + (name.length() > 80 ? name.substring(0, 80) + "..." : name) + "', which is not served");
                    continue;
                }
                wanted.add(name);
                watches.put(name, source.watch(name, secret -> {
                    synchronized (this) {
                        if (wanted.contains(name)) {
                            push.accept(name, SecretMessages.of(name, secret));
                        }
                    }
                }));
            }
        }

        synchronized void remove(List<String> names) {
            names.forEach(name -> {
                wanted.remove(name);
                AutoCloseable watch = watches.remove(name);
                if (watch != null) {
                    end(watch);
                }
            });
        }

        synchronized void close() {
            closed = true;
            remove(List.copyOf(wanted));
        }

        private static void end(AutoCloseable watch) {
            try {
                watch.close();
            } catch (Exception e) {
                LOG.log(Level.FINE, "ending a watch", e);
            }
        }
    }
}
