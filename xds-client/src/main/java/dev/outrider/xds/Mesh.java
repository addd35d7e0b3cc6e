package dev.outrider.xds;

import com.google.protobuf.ByteString;
import dev.outrider.xds.ConfigArchive.Rejected;
import dev.outrider.xds.ConfigArchive.Sent;
import dev.outrider.xds.ads.Delivery;
import dev.outrider.xds.ads.DeliverySink;
import dev.outrider.xds.ads.ResourceType;
import dev.outrider.xds.model.Bytes;
import dev.outrider.xds.model.Cluster;
import dev.outrider.xds.model.ClusterLoadAssignment;
import dev.outrider.xds.model.Listener;
import dev.outrider.xds.model.NameTable;
import dev.outrider.xds.model.RouteConfiguration;
import dev.outrider.xds.model.Secret;
import dev.outrider.xds.model.source.ResourceRef;
import dev.outrider.xds.proto.google.protobuf.Any;
import dev.outrider.xds.resource.ParsedResource;
import dev.outrider.xds.resource.ResourceParser;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Puts deliveries together: a resource serves once what it refers to is there, its predecessor serves until then, and one that waits
 * never holds back another. Control thread.
 */
final class Mesh implements DeliverySink {

    /** A cluster that has not warmed by then serves as it is (503 until its endpoints come). */
    static final long CLUSTER_WARMING_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Envoy's default of initial_fetch_timeout. */
    static final long LISTENER_WARMING_NANOS = TimeUnit.SECONDS.toNanos(15);

    /** Routes and listeners that no longer lead to a removed cluster follow within milliseconds; they go first. */
    static final long CLUSTER_LINGER_NANOS = TimeUnit.SECONDS.toNanos(1);

    /** Told of what has to be asked for, and of what serves now. */
    interface Owner {

        void wanted(ResourceType type, Set<ResourceRef> references);

        void wantedFiles(Set<String> paths);

        void changed(MeshSnapshot snapshot, MeshChange change);

        void connected(boolean connected);
    }

    final Table<Cluster> clusters = new Table<>(ResourceType.CLUSTER, ResourceParser::cluster);
    final Table<ClusterLoadAssignment> endpoints = new Table<>(ResourceType.ENDPOINTS, ResourceParser::endpoints);
    final Table<Listener> listeners = new Table<>(ResourceType.LISTENER, ResourceParser::listener);
    final Table<RouteConfiguration> routes = new Table<>(ResourceType.ROUTES, ResourceParser::routeConfiguration);
    final Table<Secret> secrets = new Table<>(ResourceType.SECRET, ResourceParser::secret);
    final Table<NameTable> names = new Table<>(ResourceType.NAME_TABLE, ResourceParser::nameTable);
    final Map<ResourceType, Table<?>> tables = new EnumMap<>(ResourceType.class);
    final Findings findings = new Findings();

    private final ResourceParser parser = new ResourceParser();
    private final ScheduledExecutorService control;
    private final int maxEndpoints;
    private final OnReject onReject;
    private final Owner owner;
    private final Wants wants = new Wants();
    private final Map<String, Long> lingering = new HashMap<>();
    private long endpointCount;
    private boolean clustersUnanswered;
    MeshSnapshot snapshot = MeshSnapshot.EMPTY;

    Mesh(ScheduledExecutorService control, int maxEndpoints, OnReject onReject, Owner owner) {
        this.control = control;
        this.maxEndpoints = maxEndpoints;
        this.onReject = onReject;
        this.owner = owner;
        for (Table<?> table : List.of(clusters, endpoints, listeners, routes, secrets, names)) {
            tables.put(table.type, table);
        }
    }

    <T> void fixed(Table<T> table, String name, T model, String typeUrl, Bytes wire) {
        Held<T> one = table.at(name);
        one.fixed = true;
        one.next = model;
        one.nextSent = new Sent("", Instant.now(), typeUrl, wire);
        wait(table, one);
    }

    /** A secret that was not delivered as a resource. */
    void secret(String name, Secret secret) {
        Held<Secret> one = secrets.at(name);
        if (!secret.equals(one.active)) {
            one.next = secret;
            one.nextSent = new Sent("", Instant.now(), ResourceType.SECRET.typeUrl(), Bytes.EMPTY);
            secrets.promote(one);
            settle();
        }
    }

    @Override
    public Outcome deliver(Delivery delivery) {
        Table<?> table = tables.get(delivery.type());
        return table == null ? new Outcome(List.of(), Map.of(), Set.of()) : take(table, delivery);
    }

    private <T> Outcome take(Table<T> table, Delivery delivery) {
        List<String> rejections = new ArrayList<>();
        Map<String, String> accepted = new LinkedHashMap<>();
        Set<String> present = new HashSet<>();
        takeAll(table, delivery, present, accepted, rejections);
        present.forEach(name -> doubt(table, name, false));
        Set<String> gone = new LinkedHashSet<>(delivery.removed());
        if (delivery.whole() && !present.contains("")) {
            table.held.forEach((name, one) -> {
                if (!one.fixed && !present.contains(name)) {
                    gone.add(name);
                }
            });
        }
        gone.forEach(name -> gone(table, name));
        table.answered = true;
        if (table == clusters) {
            clustersUnanswered = false;
        }
        if (rejections.isEmpty()) {
            table.successes++;
            table.version = delivery.version();
        } else {
            table.rejections++;
        }
        settle();
        return new Outcome(rejections, accepted, gone);
    }

    private <T> void takeAll(
            Table<T> table, Delivery delivery, Set<String> present, Map<String, String> accepted, List<String> rejections) {
        for (Delivery.Item item : delivery.items()) {
            takeOne(table, delivery, item, present, accepted, rejections);
        }
    }

    private static void doubt(Table<?> table, String name, boolean doubtful) {
        Held<?> one = table.held.get(name);
        if (one != null) {
            one.doubtful = doubtful;
        }
    }

    /** Takes what a control plane sent in an earlier life of this process; it is doubtful until one says the same. */
    void restore(Delivery delivery) {
        Table<?> table = tables.get(delivery.type());
        if (table != null) {
            Set<String> present = new HashSet<>();
            takeAll(table, delivery, present, new HashMap<>(), new ArrayList<>());
            present.forEach(name -> doubt(table, name, true));
            table.version = delivery.version();
        }
    }

    @Override
    public void resuming(ResourceType type) {
        Table<?> table = tables.get(type);
        if (table != null) {
            table.held.values().forEach(one -> one.doubtful = !one.fixed);
        }
    }

    @Override
    public void resumed(ResourceType type) {
        Table<?> table = tables.get(type);
        if (table != null) {
            table.held.values().stream().filter(one -> one.doubtful).map(one -> one.name).toList().forEach(name -> gone(table, name));
            settle();
        }
    }

    private <T> void takeOne(
            Table<T> table, Delivery delivery, Delivery.Item item, Set<String> present, Map<String, String> accepted,
            List<String> rejections) {
        Any any = item.resource();
        Bytes wire = Bytes.wrap(any.getValue().toByteArray());
        String told = item.resourceName();
        Held<T> known = table.held.get(told);
        String version = item.version().isEmpty() ? delivery.version() : item.version();
        if (known != null && same(known, wire)) {
            present.add(told);
            accepted.put(told, item.version());
            known.rejected = null;
            back(table, told);
            return;
        }
        table.reads++;
        ParsedResource<T> parsed = table.parse.apply(parser, any);
        String name = parsed.name().isEmpty() ? told : parsed.name();
        present.add(name);
        if (!asked(table, name)) {
            return;
        }
        Held<T> one = table.at(name);
        if (one.fixed) {
            return;
        }
        findings.ignored(parsed.ignored());
        T value = parsed.value();
        String reason = value == null ? String.join("; ", parsed.reasons()) : excess(value, name);
        if (value == null || !reason.isEmpty()) {
            String line = "[" + table.type + ", " + name + "] " + reason;
            rejections.add(line);
            findings.rejected(line, one.rejected != null && one.rejected.wire().equals(wire));
            one.rejected = new Rejected(version, Instant.now(), reason, any.getTypeUrl(), wire);
            if (onReject == OnReject.CLOSE && (table == listeners || table == routes || table == clusters)) {
                table.withdraw(one);
                needs(table, one);
            }
            return;
        }
        accepted.put(name, item.version());
        one.rejected = null;
        back(table, name);
        if (same(one, wire)) {
            return;
        }
        Sent sent = new Sent(version, Instant.now(), any.getTypeUrl(), wire);
        if (value.equals(one.active)) {
            one.activeSent = sent;
            one.next = null;
            one.nextSent = null;
            table.pending.remove(name);
        } else {
            one.next = value;
            one.nextSent = sent;
            wait(table, one);
        }
    }

    /** A cluster that was to go is there again. */
    private void back(Table<?> table, String name) {
        if (table == clusters) {
            lingering.remove(name);
        }
    }

    private static boolean same(Held<?> one, Bytes wire) {
        Sent sent = one.newestSent();
        return sent != null && sent.wire().equals(wire);
    }

    private boolean asked(Table<?> table, String name) {
        return switch (table.type) {
            case ENDPOINTS -> wants.endpoints.contains(name);
            case ROUTES -> wants.routes.contains(name);
            case SECRET -> wants.secrets.contains(name);
            case CLUSTER, LISTENER, NAME_TABLE -> true;
        };
    }

    private String excess(Object value, String name) {
        if (value instanceof ClusterLoadAssignment assignment) {
            long others = endpointCount - size(endpoints.live.get(name));
            if (others + size(assignment) > maxEndpoints) {
                return "would make more than " + maxEndpoints + " endpoints; raise the limit if the mesh is that large";
            }
        }
        return "";
    }

    private static long size(@Nullable ClusterLoadAssignment assignment) {
        return assignment == null ? 0 : assignment.groups().stream().mapToLong(group -> group.endpoints().size()).sum();
    }

    private <T> void wait(Table<T> table, Held<T> one) {
        boolean first = table.pending.add(one.name);
        long nanos = table == clusters || table == routes ? CLUSTER_WARMING_NANOS : table == listeners ? LISTENER_WARMING_NANOS : 0;
        if (nanos > 0) {
            if (first) {
                one.sinceNanos = System.nanoTime();
                one.deadlineNanos = one.sinceNanos + nanos;
                control.schedule(this::settle, nanos + 1_000_000, TimeUnit.NANOSECONDS);
                if (table == listeners) {
                    control.schedule(this::settle, CLUSTER_WARMING_NANOS + 1_000_000, TimeUnit.NANOSECONDS);
                }
            }
        }
        needs(table, one);
    }

    private <T> void needs(Table<T> table, Held<T> one) {
        wants.replace(table.type + "/" + one.name, of(one.active).and(of(one.next)));
    }

    private static References of(@Nullable Object model) {
        return model instanceof Cluster cluster ? References.of(cluster)
                : model instanceof Listener listener ? References.of(listener)
                : model instanceof Secret secret ? References.of(secret) : References.NONE;
    }

    private <T> void gone(Table<T> table, String name) {
        Held<T> one = table.held.get(name);
        if (one == null || one.fixed) {
            return;
        }
        if (table == clusters && one.active != null) {
            lingering.put(name, System.nanoTime() + CLUSTER_LINGER_NANOS);
            control.schedule(this::settle, CLUSTER_LINGER_NANOS + 1_000_000, TimeUnit.NANOSECONDS);
        } else {
            drop(table, name);
        }
    }

    private <T> void drop(Table<T> table, String name) {
        if (table == endpoints) {
            endpointCount -= size(endpoints.live.get(name));
        }
        table.remove(name);
        wants.replace(table.type + "/" + name, References.NONE);
    }

    /** Makes serve what can, asks for what is needed, and tells the owner when anything is different. */
    void settle() {
        long now = System.nanoTime();
        lingering.entrySet().removeIf(entry -> {
            boolean over = now - entry.getValue() >= 0;
            if (over) {
                drop(clusters, entry.getKey());
            }
            return over;
        });
        for (String name : List.copyOf(endpoints.pending)) {
            Held<ClusterLoadAssignment> one = endpoints.at(name);
            endpointCount += size(one.next) - size(one.active);
            endpoints.promote(one);
        }
        promoteAll(secrets);
        promoteAll(names);
        promoteWarm(clusters, now);
        promoteWarm(routes, now);
        promoteWarm(listeners, now);
        ask();
        publish();
    }

    private static <T> void promoteAll(Table<T> table) {
        for (String name : List.copyOf(table.pending)) {
            table.promote(table.at(name));
        }
    }

    private <T> void promoteWarm(Table<T> table, long now) {
        for (String name : List.copyOf(table.pending)) {
            Held<T> one = table.at(name);
            if (now - one.deadlineNanos >= 0 || (missing(of(one.next)).isEmpty() && !leadsNowhereYet(one.next))) {
                table.promote(one);
                needs(table, one);
            }
        }
    }

    /**
     * Whether it leads to a cluster that is still warming, or, while a new stream has not answered for clusters, to one that may be among its
     * answers. Neither lasts longer than a cluster's warming.
     */
    private boolean leadsNowhereYet(@Nullable Object model) {
        return (!clusters.pending.isEmpty() || clustersUnanswered)
                && Destinations.any(model, name -> !clusters.live.containsKey(name) && (clustersUnanswered || clusters.pending.contains(name)));
    }

    private String missing(References references) {
        return references.missing(endpoints.live::containsKey, routes.live::containsKey, secrets.live::containsKey);
    }

    /** Everything that is not warm, with the reason, whether it serves meanwhile or not. */
    Map<String, String> waiting() {
        Map<String, String> all = new LinkedHashMap<>();
        wants.all().forEach((holder, references) -> {
            String lacks = missing(references);
            if (!lacks.isEmpty()) {
                all.put(holder, lacks);
            }
        });
        return all;
    }

    /** Reads what came from these files again; what cannot be read any more stays as it is. */
    void reread(Set<String> paths) {
        for (String holder : wants.readersOf(paths)) {
            String name = holder.substring(holder.indexOf('/') + 1);
            for (Table<?> table : List.of(clusters, listeners, secrets)) {
                if (holder.startsWith(table.type + "/")) {
                    reread(table, name);
                }
            }
        }
        settle();
    }

    private <T> void reread(Table<T> table, String name) {
        Held<T> one = table.held.get(name);
        Sent sent = one == null ? null : one.newestSent();
        if (one == null || sent == null) {
            return;
        }
        Any any = Any.newBuilder().setTypeUrl(sent.typeUrl()).setValue(ByteString.copyFrom(sent.wire().toArray())).build();
        ParsedResource<T> parsed = table.parse.apply(parser, any);
        T value = parsed.value();
        if (value == null) {
            findings.rejected("[" + table.type + ", " + name + "] " + String.join("; ", parsed.reasons()), false);
        } else if (!value.equals(one.newest())) {
            one.next = value;
            one.nextSent = sent;
            wait(table, one);
        }
    }

    /** Whether nothing holds readiness any more: what waits longer than a cluster may warm holds back itself alone. */
    boolean settled() {
        long now = System.nanoTime();
        return clusters.pending.isEmpty() && listeners.pending.stream()
                .allMatch(name -> now - listeners.at(name).sinceNanos >= CLUSTER_WARMING_NANOS);
    }

    private void ask() {
        if (wants.files.takeDirty()) {
            owner.wantedFiles(Set.copyOf(wants.files.all()));
        }
        ask(endpoints, wants.endpoints);
        ask(routes, wants.routes);
        // Secrets nobody refers to any more stay: some are the bootstrap's.
        if (wants.secrets.takeDirty()) {
            owner.wanted(ResourceType.SECRET, Set.copyOf(wants.secrets.all()));
        }
    }

    private void ask(Table<?> table, Wants.Wanted wanted) {
        if (wanted.takeDirty()) {
            forget(table, wanted.names());
            owner.wanted(table.type, Set.copyOf(wanted.all()));
        }
    }

    private <T> void forget(Table<T> table, Set<String> wanted) {
        List.copyOf(table.held.keySet()).stream().filter(name -> !wanted.contains(name)).forEach(name -> drop(table, name));
    }

    private void publish() {
        MeshChange.Names table = names.takeChange();
        MeshChange change = new MeshChange(
                listeners.takeChange(), routes.takeChange(), clusters.takeChange(), endpoints.takeChange(), secrets.takeChange(),
                !table.isEmpty());
        if (!change.isEmpty()) {
            NameTable current = names.live.get("");
            snapshot = new MeshSnapshot(
                    snapshot.revision() + 1, listeners.live, routes.live, clusters.live, endpoints.live, secrets.live,
                    current == null ? NameTable.EMPTY : current);
        }
        owner.changed(snapshot, change);
    }

    @Override
    public void attempted(ResourceType type) {
        Table<?> table = tables.get(type);
        if (table != null) {
            table.attempts++;
        }
    }

    @Override
    public void failed(ResourceType type, String reason) {
        Table<?> table = tables.get(type);
        if (table != null) {
            table.failures++;
        }
    }

    @Override
    public void connected(boolean connected) {
        clustersUnanswered = connected && clusters.answered;
        owner.connected(connected);
    }
}
