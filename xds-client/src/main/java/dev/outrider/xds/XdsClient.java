package dev.outrider.xds;

import dev.outrider.xds.ads.ResourceType;
import dev.outrider.xds.ads.StreamFactory;
import dev.outrider.xds.ads.StreamSettings;
import dev.outrider.xds.ads.WorkloadHealth;
import dev.outrider.xds.bootstrap.Bootstrap;
import dev.outrider.xds.model.Secret;
import dev.outrider.xds.model.source.ConfigSource;
import dev.outrider.xds.model.source.ResourceRef;
import dev.outrider.xds.store.MeshStore;
import java.nio.file.Path;
import java.time.Instant;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the mesh as the bootstrap, control planes and files say it is. {@link #start}, {@link #close} and the questions from any thread;
 * watchers are called on the control thread.
 */
public final class XdsClient implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(XdsClient.class.getName());

    /** Without these a machine whose traffic is redirected serves nothing. */
    private static final List<String> CAPTURE = List.of("virtualOutbound", "virtualInbound");

    private static final long REMINDER_MINUTES = 10;

    private final Bootstrap bootstrap;
    private final XdsSettings settings;
    private final SnapshotWatcher watcher;
    private final Mesh mesh;
    private final Sources sources;
    private final @Nullable LastKnownGood lastKnownGood;
    private final Map<String, AutoCloseable> secretWatches = new HashMap<>();
    private final CompletableFuture<Void> decided = new CompletableFuture<>();
    private @Nullable Thread controlThread;
    private @Nullable ScheduledFuture<?> reminder;
    private @Nullable Instant connectedSince;
    private boolean started;
    private boolean closed;

    /** The last answers, once closed. */
    private record Last(XdsStatus status, ConfigArchive archive) {}

    private volatile @Nullable Last last;
    private volatile MeshSnapshot snapshot = MeshSnapshot.EMPTY;

    public XdsClient(Bootstrap bootstrap, XdsSettings settings, SnapshotWatcher watcher) {
        this.bootstrap = bootstrap;
        this.settings = settings;
        this.watcher = watcher;
        this.mesh = new Mesh(settings.control(), settings.limits().maxEndpoints(), settings.onReject(), new Owner());
        Path directory = settings.store();
        this.lastKnownGood = directory == null ? null
                : new LastKnownGood(new MeshStore(directory), mesh, bootstrap.node(), settings.control(), this::answered);
        this.sources = new Sources(new StreamFactory(
                settings.transport(),
                new StreamSettings(settings.control(), settings.limits()),
                bootstrap.node().wire(),
                name -> mesh.clusters.newest(name),
                this::secret), mesh, settings.control());
    }

    /** The first dial must not wait for a secret that this process has but has not yet been given to the mesh. */
    private @Nullable Secret secret(String name) {
        Secret known = mesh.secrets.live.get(name);
        if (known != null) {
            return known;
        }
        for (SecretSource source : settings.secretSources()) {
            if (source.serves(name)) {
                return source.now(name);
            }
        }
        return null;
    }

    /** Static configuration is handed to the watcher first, then connections are opened. Completes when the static part is in force. */
    public CompletableFuture<Void> start() {
        return CompletableFuture.runAsync(this::begin, settings.control());
    }

    /** Completes when every resource of the first LDS and CDS is decided and every cluster has warmed or waited long enough. */
    public CompletableFuture<Void> initialState() {
        return decided.copy();
    }

    public MeshSnapshot snapshot() {
        return snapshot;
    }

    /** What the control plane is told of this machine's service, now and on every later stream. Without an aggregated stream nobody is told. */
    public void health(WorkloadHealth health) {
        settings.control().execute(() -> sources.health(health));
    }

    /** Blocks for the control thread's answer; not for data loops. */
    public ConfigArchive archive() {
        Last end = last;
        return end == null ? ask(this::archiveNow) : end.archive;
    }

    private ConfigArchive archiveNow() {
        Map<ResourceType, ConfigArchive.TypeState> types = new EnumMap<>(ResourceType.class);
        mesh.tables.forEach((type, table) -> types.put(type, table.archive()));
        return new ConfigArchive(types);
    }

    /** Blocks for the control thread's answer; not for data loops. */
    public XdsStatus status() {
        Last end = last;
        return end == null ? ask(this::statusNow) : end.status;
    }

    private XdsStatus statusNow() {
        Map<ResourceType, XdsStatus.Counters> counters = new EnumMap<>(ResourceType.class);
        mesh.tables.forEach((type, table) -> counters.put(type, table.counters()));
        return new XdsStatus(
                connectedSince, decided.isDone(), decided.isDone() && captureServes(), new LinkedHashMap<>(mesh.waiting()),
                policyNotApplied(), lastKnownGood == null ? null : lastKnownGood.serving(), mesh.findings.rejections(),
                mesh.findings.ignored(), counters);
    }

    private <T> T ask(Supplier<T> question) {
        return Thread.currentThread() == controlThread
                ? question.get() : CompletableFuture.supplyAsync(question, settings.control()).join();
    }

    private boolean answered() {
        Bootstrap.DynamicResources dynamic = bootstrap.dynamic();
        return (dynamic.cds() == null || mesh.clusters.answered) && (dynamic.lds() == null || mesh.listeners.answered);
    }

    /** Said again and again: an operator must not be able to miss that a policy is not in force. */
    void remindOfPolicy() {
        List<String> resources = policyNotApplied();
        if (!resources.isEmpty()) {
            LOG.log(System.Logger.Level.WARNING, "policy-not-applied: an older version serves, because its update was refused, of {0}", resources);
        }
    }

    private boolean captureServes() {
        return CAPTURE.stream().map(mesh.listeners.held::get).allMatch(one -> one == null || one.rejected == null || one.active != null);
    }

    private List<String> policyNotApplied() {
        return Stream.of(mesh.listeners, mesh.clusters, mesh.routes)
                .flatMap(table -> table.held.values().stream()
                        .filter(one -> one.rejected != null && one.active != null)
                        .map(one -> table.type + " " + one.name))
                .sorted().toList();
    }

    private void begin() {
        controlThread = Thread.currentThread();
        bootstrap.secrets().forEach(s -> mesh.fixed(mesh.secrets, s.name(), s.model(), s.typeUrl(), s.wire()));
        bootstrap.clusters().forEach(c -> mesh.fixed(mesh.clusters, c.name(), c.model(), c.typeUrl(), c.wire()));
        bootstrap.listeners().forEach(l -> mesh.fixed(mesh.listeners, l.name(), l.model(), l.typeUrl(), l.wire()));
        Bootstrap.DynamicResources dynamic = bootstrap.dynamic();
        sources.aggregated(dynamic.ads());
        mesh.settle();
        if (lastKnownGood != null) {
            lastKnownGood.start();
        }
        sources.whole(ResourceType.CLUSTER, dynamic.cds());
        sources.whole(ResourceType.LISTENER, dynamic.lds());
        if (settings.nameTables()) {
            sources.whole(ResourceType.NAME_TABLE, new ConfigSource.Ads());
        }
        sources.start();
        started = true;
        reminder = settings.control().scheduleWithFixedDelay(this::remindOfPolicy, REMINDER_MINUTES, REMINDER_MINUTES, TimeUnit.MINUTES);
        mesh.settle();
    }

    @Override
    public void close() {
        if (last != null) {
            return;
        }
        ask(() -> {
            last = new Last(statusNow(), archiveNow());
            closed = true;
            if (reminder != null) {
                reminder.cancel(false);
            }
            if (lastKnownGood != null) {
                lastKnownGood.close();
            }
            sources.close();
            secretWatches.values().forEach(XdsClient::closeQuietly);
            return true;
        });
    }

    private static void closeQuietly(AutoCloseable one) {
        try {
            one.close();
        } catch (Exception e) {
            LOG.log(System.Logger.Level.DEBUG, "closing a secret's watch", e);
        }
    }

    /** What the assembly asks for. */
    private final class Owner implements Mesh.Owner {

        @Override
        public void wanted(ResourceType type, Set<ResourceRef> references) {
            sources.named(type, type != ResourceType.SECRET ? references
                    : references.stream().filter(reference -> !served(reference.name())).collect(Collectors.toSet()));
        }

        /** From this process or the bootstrap, whatever the reference says: Istio's agent and Envoy are one here. */
        private boolean served(String name) {
            Held<?> held = mesh.secrets.held.get(name);
            if ((held != null && held.fixed) || secretWatches.containsKey(name)) {
                return true;
            }
            for (SecretSource source : settings.secretSources()) {
                if (source.serves(name)) {
                    secretWatches.put(name, source.watch(
                            name, secret -> settings.control().execute(() -> mesh.secret(name, secret))));
                    return true;
                }
            }
            return false;
        }

        @Override
        public void wantedFiles(Set<String> paths) {
            sources.certificates(paths);
        }

        @Override
        public void changed(MeshSnapshot next, MeshChange change) {
            if (closed) {
                return;
            }
            if (!change.isEmpty()) {
                snapshot = next;
                watcher.onSnapshot(next, change);
            }
            if (lastKnownGood != null) {
                lastKnownGood.progress(!change.isEmpty());
            }
            boolean known = answered() || (lastKnownGood != null && lastKnownGood.serving() != null);
            if (started && !decided.isDone() && known && mesh.settled()) {
                decided.complete(null);
            }
        }

        @Override
        public void connected(boolean now) {
            connectedSince = now ? Instant.now() : null;
            if (!now && lastKnownGood != null) {
                lastKnownGood.away();
            }
        }
    }
}
