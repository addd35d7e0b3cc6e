package dev.outrider.proxy.datapath.cluster;

import dev.outrider.xds.model.Address;
import dev.outrider.xds.model.Cluster;
import dev.outrider.xds.model.ClusterLoadAssignment;
import dev.outrider.xds.model.ClusterLoadAssignment.Endpoint;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the assignment of a STRICT_DNS or LOGICAL_DNS cluster resolved. Each name is asked for on its own; the assignment is published
 * when all have answered once and whenever an answer differs. A name that fails keeps its last addresses. Control loop only.
 *
 * <p>STRICT_DNS: every address is an endpoint. LOGICAL_DNS: the first address is the one endpoint, the others its alternatives.
 */
final class DnsAssignment implements AutoCloseable {

    /** Envoy's floor for a TTL of nothing, and its retry after a failure is the refresh rate itself. */
    private static final long LEAST_REFRESH_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final Cluster cluster;
    private final ClusterLoadAssignment template;
    private final ClusterRuntime runtime;
    private final ClusterStats stats;
    private final Consumer<ClusterLoadAssignment> publish;
    private final Map<String, List<InetAddress>> answers = new HashMap<>();
    private final Map<String, ScheduledFuture<?>> timers = new HashMap<>();
    private final Set<String> open = new LinkedHashSet<>();
    private boolean closed;

    DnsAssignment(
            Cluster cluster, ClusterLoadAssignment template, ClusterRuntime runtime, ClusterStats stats,
            Consumer<ClusterLoadAssignment> publish) {
        this.cluster = cluster;
        this.template = template;
        this.runtime = runtime;
        this.stats = stats;
        this.publish = publish;
    }

    void start() {
        for (ClusterLoadAssignment.Group group : template.groups()) {
            for (Endpoint endpoint : group.endpoints()) {
                if (endpoint.address() instanceof Address.Named named) {
                    open.add(named.host());
                }
            }
        }
        if (open.isEmpty()) {
            publish.accept(template);
        }
        List.copyOf(open).forEach(this::ask);
    }

    private void ask(String host) {
        stats.updateAttempt.inc();
        var unused = runtime.resolver().resolve(host).whenComplete(
                (answer, failure) -> runtime.control().execute(() -> answered(host, answer)));
    }

    private void answered(String host, HostResolver.@Nullable Answer answer) {
        if (closed) {
            return;
        }
        boolean first = open.remove(host);
        long again = cluster.dns().refreshNanos();
        boolean changed = false;
        if (answer == null) {
            stats.updateFailure.inc();
        } else {
            stats.updateSuccess.inc();
            List<InetAddress> wanted = family(answer.addresses(), cluster.dns().family());
            changed = !wanted.equals(answers.put(host, wanted));
            if (cluster.dns().respectTtl() && answer.ttlNanos() > 0) {
                again = Math.max(LEAST_REFRESH_NANOS, answer.ttlNanos());
            }
        }
        if (open.isEmpty() && (first || changed)) {
            publish.accept(resolved());
        }
        long jitter = cluster.dns().jitterNanos() > 0 ? ThreadLocalRandom.current().nextLong(cluster.dns().jitterNanos()) : 0;
        long delay = Math.max(LEAST_REFRESH_NANOS, again) + jitter;
        timers.put(host, runtime.control().schedule(() -> ask(host), delay, TimeUnit.NANOSECONDS));
    }

    static List<InetAddress> family(List<InetAddress> all, Cluster.Dns.Family family) {
        List<InetAddress> v4 = all.stream().filter(Inet4Address.class::isInstance).toList();
        List<InetAddress> v6 = all.stream().filter(a -> !(a instanceof Inet4Address)).toList();
        return switch (family) {
            case V4_ONLY -> v4;
            case V6_ONLY -> v6;
            case V4_PREFERRED -> v4.isEmpty() ? v6 : v4;
            case AUTO -> v6.isEmpty() ? v4 : v6;
            case ALL -> all;
        };
    }

    private ClusterLoadAssignment resolved() {
        List<ClusterLoadAssignment.Group> groups = new ArrayList<>();
        for (ClusterLoadAssignment.Group group : template.groups()) {
            List<Endpoint> endpoints = new ArrayList<>();
            for (Endpoint endpoint : group.endpoints()) {
                if (endpoint.address() instanceof Address.Named named) {
                    expand(endpoint, named, endpoints);
                } else {
                    endpoints.add(endpoint);
                }
            }
            groups.add(new ClusterLoadAssignment.Group(group.locality(), group.priority(), group.weight(), endpoints));
        }
        return new ClusterLoadAssignment(template.name(), groups, template.overprovisioningPercent());
    }

    private void expand(Endpoint endpoint, Address.Named named, List<Endpoint> into) {
        List<Address> addresses = new ArrayList<>();
        answers.getOrDefault(named.host(), List.of()).forEach(ip -> addresses.add(new Address.Ip(ip, named.port())));
        String hostname = endpoint.hostname().isEmpty() ? named.host() : endpoint.hostname();
        if (cluster.discovery() == Cluster.Discovery.LOGICAL_DNS && !addresses.isEmpty()) {
            into.add(new Endpoint(
                    addresses.getFirst(), List.copyOf(addresses.subList(1, addresses.size())), hostname, endpoint.health(),
                    endpoint.weight(), endpoint.metadata()));
            return;
        }
        for (Address address : addresses) {
            into.add(new Endpoint(address, List.of(), hostname, endpoint.health(), endpoint.weight(), endpoint.metadata()));
        }
    }

    @Override
    public void close() {
        closed = true;
        timers.values().forEach(t -> t.cancel(false));
    }
}
