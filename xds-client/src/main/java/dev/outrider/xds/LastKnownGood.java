package dev.outrider.xds;

import com.google.protobuf.ByteString;
import dev.outrider.xds.ads.Delivery;
import dev.outrider.xds.ads.ResourceType;
import dev.outrider.xds.bootstrap.NodeIdentity;
import dev.outrider.xds.proto.google.protobuf.Any;
import dev.outrider.xds.store.MeshStore;
import dev.outrider.xds.store.StoredMesh;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Serves the configuration of an earlier life while the control plane is away, and keeps what it sends for the next. Nothing of the store
 * serves once the control plane has answered: a policy must not be older than it need be. Control thread.
 */
final class LastKnownGood implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(LastKnownGood.class.getName());

    /** How long the control plane may take to answer before it counts as away; a refused connection counts at once. */
    private static final long PATIENCE_MILLIS = 250;

    /** Changes come in bursts: one write for all of them. */
    private static final long SAVE_MILLIS = 1_000;

    /** A mesh that changes all the time costs a write now and then, not all the time. */
    private static final long BETWEEN_SAVES_NANOS = TimeUnit.SECONDS.toNanos(10);

    private static final Set<ResourceType> KEPT = Set.of(
            ResourceType.CLUSTER, ResourceType.ENDPOINTS, ResourceType.LISTENER, ResourceType.ROUTES, ResourceType.NAME_TABLE);

    private final MeshStore store;
    private final Mesh mesh;
    private final String node;
    private final ScheduledExecutorService control;
    private final BooleanSupplier answered;
    private @Nullable StoredMesh loaded;
    private boolean away;
    private @Nullable Instant serving;
    private @Nullable ScheduledFuture<?> saving;
    private long savedNanos = System.nanoTime() - BETWEEN_SAVES_NANOS;

    /** {@code answered}: whether the control plane has said what clusters and listeners there are. */
    LastKnownGood(MeshStore store, Mesh mesh, NodeIdentity node, ScheduledExecutorService control, BooleanSupplier answered) {
        this.store = store;
        this.mesh = mesh;
        this.node = whose(node.id());
        this.control = control;
        this.answered = answered;
    }

    /** Of Istio's node ids, {@code type~address~name.namespace~domain}, without the address: that may be another one after a reboot. */
    private static String whose(String id) {
        String[] parts = id.split("~", -1);
        return parts.length == 4 ? parts[0] + "~" + parts[2] + "~" + parts[3] : id;
    }

    void start() {
        var unused = store.load().thenAcceptAsync(found -> {
            loaded = found;
            restore();
        }, control);
        control.schedule(this::away, PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** The control plane cannot be reached, or does not answer. */
    void away() {
        away = true;
        restore();
    }

    private void restore() {
        StoredMesh found = loaded;
        if (found == null || !away || serving != null || mesh.clusters.answered || mesh.listeners.answered) {
            return;
        }
        loaded = null;
        if (!found.node().equals(node)) {
            LOG.log(System.Logger.Level.WARNING, "the stored configuration is ignored: it is of {0}, and this is {1}", found.node(), node);
            return;
        }
        Map<String, List<Delivery.Item>> byType = new HashMap<>();
        found.resources().forEach(one -> byType.computeIfAbsent(one.typeUrl(), type -> new ArrayList<>())
                .add(new Delivery.Item(one.name(), one.version(), any(one))));
        for (ResourceType type : ResourceType.values()) {
            List<Delivery.Item> items = byType.get(type.typeUrl());
            if (KEPT.contains(type) && items != null) {
                mesh.restore(new Delivery(type, found.versions().getOrDefault(type.typeUrl(), ""), false, items, Set.of()));
            }
        }
        serving = found.saved();
        LOG.log(System.Logger.Level.WARNING, "the control plane is away: serving the last known good configuration, {0} resources of {1}",
                found.resources().size(), found.saved());
        mesh.settle();
    }

    private static Any any(StoredMesh.Resource resource) {
        return Any.newBuilder().setTypeUrl(resource.typeUrl()).setValue(ByteString.copyFrom(resource.wire().toArray())).build();
    }

    /** When what serves was saved; null while it is the control plane's own. */
    @Nullable Instant serving() {
        return answered.getAsBoolean() ? null : serving;
    }

    /** Something was decided; {@code different}: so that something else serves than before. */
    void progress(boolean different) {
        if (serving != null && serving() == null) {
            LOG.log(System.Logger.Level.INFO, "the control plane has answered: its configuration is in force again");
            serving = null;
        }
        if (different && answered.getAsBoolean() && saving == null) {
            long soonest = TimeUnit.NANOSECONDS.toMillis(savedNanos + BETWEEN_SAVES_NANOS - System.nanoTime());
            saving = control.schedule(this::save, Math.max(SAVE_MILLIS, soonest), TimeUnit.MILLISECONDS);
        }
    }

    private void save() {
        saving = null;
        savedNanos = System.nanoTime();
        Map<String, String> versions = new HashMap<>();
        List<StoredMesh.Resource> resources = new ArrayList<>();
        mesh.tables.forEach((type, table) -> {
            if (KEPT.contains(type)) {
                versions.put(type.typeUrl(), table.version);
                table.held.values().forEach(one -> {
                    ConfigArchive.Sent sent = one.activeSent;
                    if (!one.fixed && sent != null) {
                        resources.add(new StoredMesh.Resource(sent.typeUrl(), one.name, sent.version(), sent.wire()));
                    }
                });
            }
        });
        store.save(new StoredMesh(node, Instant.now(), versions, resources));
    }

    @Override
    public void close() {
        if (saving != null) {
            saving.cancel(false);
            save();
        }
        store.close();
    }
}
