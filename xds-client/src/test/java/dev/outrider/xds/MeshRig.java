package dev.outrider.xds;

import com.google.protobuf.MessageLite;
import dev.outrider.xds.ads.Delivery;
import dev.outrider.xds.ads.DeliverySink.Outcome;
import dev.outrider.xds.ads.ResourceType;
import dev.outrider.xds.model.Bytes;
import dev.outrider.xds.model.Secret;
import dev.outrider.xds.model.source.ResourceRef;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Collectors;

/** The assembly alone, without streams: what is delivered, what it then asks for and what has changed. */
final class MeshRig implements AutoCloseable {

    private final ScheduledExecutorService control = Executors.newSingleThreadScheduledExecutor();
    private final List<MeshChange> changes = new ArrayList<>();
    final Map<ResourceType, Set<String>> wanted = new EnumMap<>(ResourceType.class);
    final Mesh mesh;

    MeshRig() {
        this(OnReject.KEEP);
    }

    MeshRig(OnReject onReject) {
        mesh = new Mesh(control, 100_000, onReject, new Mesh.Owner() {
            @Override
            public void wanted(ResourceType type, Set<ResourceRef> references) {
                wanted.put(type, references.stream().map(ResourceRef::name).collect(Collectors.toSet()));
            }

            @Override
            public void wantedFiles(Set<String> paths) {
                // No test of this kind reads files.
            }

            @Override
            public void changed(MeshSnapshot snapshot, MeshChange change) {
                if (!change.isEmpty()) {
                    changes.add(change);
                }
            }

            @Override
            public void connected(boolean connected) {
                // There are no streams.
            }
        });
    }

    <T> T on(Callable<T> question) {
        try {
            return control.submit(question).get();
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause());
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** State of the world. */
    Outcome whole(ResourceType type, List<? extends MessageLite> resources) {
        return on(() -> mesh.deliver(delivery(type, type.wholeState(), resources)));
    }

    /** The delta protocol. */
    Outcome delta(ResourceType type, List<? extends MessageLite> resources, String... removed) {
        return on(() -> {
            Delivery all = delivery(type, false, resources);
            return mesh.deliver(new Delivery(type, all.version(), false, all.items(), Set.of(removed)));
        });
    }

    private static Delivery delivery(ResourceType type, boolean whole, List<? extends MessageLite> resources) {
        return new Delivery(type, "1", whole, resources.stream().map(one -> new Delivery.Item("", "", Packed.of(one))).toList(), Set.of());
    }

    /** Clusters, endpoints, listeners and routes of a capture, and Istio's two secrets. */
    void take(String scenario) throws IOException {
        for (String name : List.of("default", "ROOTCA")) {
            var unused = on(() -> {
                mesh.secret(name, new Secret.Validation(Bytes.utf8(name), null, List.of(), Bytes.EMPTY, List.of(), List.of(), false, false));
                return true;
            });
        }
        whole(ResourceType.CLUSTER, ClientRig.captured(scenario, "cds.pb", io.envoyproxy.envoy.config.cluster.v3.Cluster.class));
        whole(ResourceType.ENDPOINTS, ClientRig.captured(
                scenario, "eds.pb", io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment.class));
        whole(ResourceType.LISTENER, ClientRig.captured(scenario, "lds.pb", io.envoyproxy.envoy.config.listener.v3.Listener.class));
        whole(ResourceType.ROUTES, ClientRig.captured(scenario, "rds.pb", io.envoyproxy.envoy.config.route.v3.RouteConfiguration.class));
    }

    MeshSnapshot snapshot() {
        return on(() -> mesh.snapshot);
    }

    /** What has changed since this was asked last. */
    List<MeshChange> takeChanges() {
        return on(() -> {
            List<MeshChange> all = List.copyOf(changes);
            changes.clear();
            return all;
        });
    }

    @Override
    public void close() {
        control.shutdownNow();
    }
}
