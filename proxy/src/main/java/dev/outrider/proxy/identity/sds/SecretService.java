package dev.outrider.proxy.identity.sds;

import com.google.protobuf.Any;
import dev.outrider.xds.SecretSource;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.Resource;
import io.envoyproxy.envoy.service.secret.v3.SecretDiscoveryServiceGrpc.SecretDiscoveryServiceImplBase;
import io.grpc.Status;
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
final class SecretService extends SecretDiscoveryServiceImplBase {

    private static final Logger LOG = Logger.getLogger("dev.outrider.proxy.identity");

    /** There are two secrets; a client that asks for more names than this is broken. */
    private static final int MAX_NAMES = 64;

    private final SecretSource source;
    private final AtomicLong versions = new AtomicLong();

    SecretService(SecretSource source) {
        this.source = source;
    }

    @Override
    public void fetchSecrets(DiscoveryRequest request, StreamObserver<DiscoveryResponse> out) {
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

    @Override
    public StreamObserver<DiscoveryRequest> streamSecrets(StreamObserver<DiscoveryResponse> out) {
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

    @Override
    public StreamObserver<DeltaDiscoveryRequest> deltaSecrets(StreamObserver<DeltaDiscoveryResponse> out) {
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
