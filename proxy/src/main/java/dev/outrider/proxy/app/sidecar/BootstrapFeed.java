package dev.outrider.proxy.app.sidecar;

import dev.outrider.xds.ConfigArchive;
import dev.outrider.xds.MeshChange;
import dev.outrider.xds.MeshChange.Names;
import dev.outrider.xds.MeshSnapshot;
import dev.outrider.xds.SnapshotWatcher;
import dev.outrider.xds.XdsStatus;
import dev.outrider.xds.ads.ResourceType;
import dev.outrider.xds.bootstrap.Bootstrap;
import dev.outrider.xds.bootstrap.Bootstrap.Fixed;
import dev.outrider.xds.model.NameTable;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.pcollections.HashPMap;
import org.pcollections.HashTreePMap;

/** A bootstrap without dynamic resources: one snapshot, at the start, of what it holds itself. */
final class BootstrapFeed implements MeshFeed {

    private final Bootstrap bootstrap;
    private final Instant started = Instant.now();

    BootstrapFeed(Bootstrap bootstrap) {
        this.bootstrap = bootstrap;
    }

    @Override
    public void start(SnapshotWatcher watcher) {
        MeshSnapshot snapshot = new MeshSnapshot(
                1, models(bootstrap.listeners()), HashTreePMap.empty(), models(bootstrap.clusters()), HashTreePMap.empty(),
                models(bootstrap.secrets()), NameTable.EMPTY);
        watcher.onSnapshot(snapshot, new MeshChange(
                names(bootstrap.listeners()), Names.NONE, names(bootstrap.clusters()), Names.NONE, names(bootstrap.secrets()), false));
    }

    private static <T> HashPMap<String, T> models(List<Fixed<T>> all) {
        Map<String, T> named = new HashMap<>();
        all.forEach(f -> named.put(f.name(), f.model()));
        return HashTreePMap.from(named);
    }

    private static <T> Names names(List<Fixed<T>> all) {
        return new Names(Set.copyOf(all.stream().map(Fixed::name).toList()), Set.of());
    }

    @Override
    public ConfigArchive archive() {
        Map<ResourceType, ConfigArchive.TypeState> types = new EnumMap<>(ResourceType.class);
        types.put(ResourceType.LISTENER, state(bootstrap.listeners()));
        types.put(ResourceType.CLUSTER, state(bootstrap.clusters()));
        types.put(ResourceType.SECRET, state(bootstrap.secrets()));
        return new ConfigArchive(types);
    }

    private <T> ConfigArchive.TypeState state(List<Fixed<T>> all) {
        return new ConfigArchive.TypeState("", all.stream()
                .map(f -> new ConfigArchive.Entry(f.name(), true, new ConfigArchive.Sent("", started, f.typeUrl(), f.wire()), null, null))
                .toList());
    }

    @Override
    public XdsStatus status() {
        return new XdsStatus(true, true, true, Map.of(), List.of(), List.of(), List.of(), Map.of());
    }

    @Override
    public void close() {}
}
