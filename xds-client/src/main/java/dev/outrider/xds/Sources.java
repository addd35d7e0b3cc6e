package dev.outrider.xds;

import dev.outrider.xds.ads.Delivery;
import dev.outrider.xds.ads.DiscoveryStream;
import dev.outrider.xds.ads.ResourceFile;
import dev.outrider.xds.ads.ResourceType;
import dev.outrider.xds.ads.StreamFactory;
import dev.outrider.xds.ads.WorkloadHealth;
import dev.outrider.xds.file.FileWatch;
import dev.outrider.xds.model.source.ConfigSource;
import dev.outrider.xds.model.source.ResourceRef;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Asks each resource of where it is to come from: the aggregated stream, a service of its type alone, or a file. Control thread. */
final class Sources implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(Sources.class.getName());

    private record Service(ConfigSource.Grpc at, ResourceType type) {}

    private final StreamFactory streams;
    private final Mesh mesh;
    private final Executor control;
    private final FileWatch watch = new FileWatch(this::changed);
    private final Map<Service, DiscoveryStream> services = new HashMap<>();
    private final Set<ResourceType> aggregated = EnumSet.noneOf(ResourceType.class);

    /** By type and path, the names that are wanted of that file; none where everything in it is. */
    private final Map<ResourceType, Map<String, Set<String>>> files = new EnumMap<>(ResourceType.class);

    private Set<String> certificates = Set.of();
    private @Nullable DiscoveryStream ads;

    Sources(StreamFactory streams, Mesh mesh, Executor control) {
        this.streams = streams;
        this.mesh = mesh;
        this.control = control;
    }

    /** Where the aggregated stream leads, null = there is none. Opened by {@link #start}. */
    void aggregated(ConfigSource.@Nullable Grpc source) {
        ads = source == null ? null : streams.stream(source, null, mesh);
    }

    /** Opens the aggregated stream. */
    void start() {
        if (ads != null) {
            ads.start();
        }
    }

    /** What the control plane is told of the workload; without an aggregated stream nobody is. */
    void health(WorkloadHealth health) {
        if (ads != null) {
            ads.health(health);
        }
    }

    /** Wants everything of a type. */
    void whole(ResourceType type, @Nullable ConfigSource source) {
        switch (source) {
            case null -> { }
            case ConfigSource.Ads shared -> {
                if (ads != null) {
                    ads.want(type);
                }
            }
            case ConfigSource.Grpc own -> {
                DiscoveryStream stream = stream(own, type);
                stream.want(type);
                stream.start();
            }
            case ConfigSource.File file -> {
                files.put(type, Map.of(file.path(), Set.of()));
                watch();
                read(type, file.path());
            }
        }
    }

    /** Wants exactly these of a type. */
    void named(ResourceType type, Set<ResourceRef> references) {
        Set<String> shared = new LinkedHashSet<>();
        Map<ConfigSource.Grpc, Set<String>> own = new LinkedHashMap<>();
        Map<String, Set<String>> read = new LinkedHashMap<>();
        for (ResourceRef reference : references) {
            switch (reference.source()) {
                case null -> { }
                case ConfigSource.Ads over -> shared.add(reference.name());
                case ConfigSource.Grpc from -> {
                    if (from.cluster().isEmpty() || mesh.clusters.newest(from.cluster()) != null) {
                        own.computeIfAbsent(from, f -> new LinkedHashSet<>()).add(reference.name());
                    }
                }
                case ConfigSource.File file -> read.computeIfAbsent(file.path(), p -> new LinkedHashSet<>()).add(reference.name());
            }
        }
        if (ads != null && (!shared.isEmpty() || aggregated.contains(type))) {
            aggregated.add(type);
            ads.want(type, shared);
        }
        services.forEach((service, stream) -> {
            if (service.type() == type) {
                stream.want(type, own.getOrDefault(service.at(), Set.of()));
            }
        });
        own.forEach((from, names) -> stream(from, type).want(type, names));
        files(type, read);
    }

    private DiscoveryStream stream(ConfigSource.Grpc from, ResourceType type) {
        return services.computeIfAbsent(new Service(from, type), service -> {
            DiscoveryStream stream = streams.stream(from, type, mesh);
            control.execute(stream::start);
            return stream;
        });
    }

    /** What a file said of names that nobody wanted then was dropped: it is read again for new ones. */
    private void files(ResourceType type, Map<String, Set<String>> wanted) {
        Map<String, Set<String>> before = files.getOrDefault(type, Map.of());
        if (wanted.isEmpty() && before.isEmpty()) {
            return;
        }
        files.put(type, wanted);
        watch();
        wanted.forEach((path, names) -> {
            if (!before.getOrDefault(path, Set.of()).containsAll(names)) {
                control.execute(() -> read(type, path));
            }
        });
    }

    /** Files with key material, to be noticed when they change. */
    void certificates(Set<String> paths) {
        certificates = paths;
        watch();
    }

    private void watch() {
        Set<String> all = new HashSet<>(certificates);
        files.values().forEach(paths -> all.addAll(paths.keySet()));
        watch.paths(all);
    }

    private void changed(Set<String> paths) {
        control.execute(() -> {
            for (ResourceType type : ResourceType.values()) {
                for (String path : List.copyOf(files.getOrDefault(type, Map.of()).keySet())) {
                    if (paths.contains(path)) {
                        read(type, path);
                    }
                }
            }
            mesh.reread(paths);
        });
    }

    private void read(ResourceType type, String path) {
        mesh.attempted(type);
        try {
            Delivery delivery = ResourceFile.read(type, Path.of(path));
            if (!mesh.deliver(delivery).rejections().isEmpty()) {
                LOG.log(System.Logger.Level.WARNING, "not everything in {0} was accepted", path);
            }
        } catch (IOException e) {
            mesh.failed(type, String.valueOf(e.getMessage()));
            LOG.log(System.Logger.Level.WARNING, "{0} stays as it is: {1}", type, e.toString());
        }
    }

    @Override
    public void close() {
        watch.close();
        services.values().forEach(DiscoveryStream::close);
        if (ads != null) {
            ads.close();
        }
    }
}
