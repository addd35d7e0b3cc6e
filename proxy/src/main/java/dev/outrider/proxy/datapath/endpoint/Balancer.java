package dev.outrider.proxy.datapath.endpoint;

import dev.outrider.proxy.telemetry.Counter;
import dev.outrider.xds.model.Cluster;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Picks hosts of one cluster: priority by health, locality by weight where asked for, then the cluster's policy. A decision reads one
 * immutable view, which is built on the first pick after hosts or their health changed. Any loop.
 *
 * <p>Priorities as in Envoy: level i is worth {@code min(100, overprovisioning * healthy / total)} percent and load fills the levels in
 * order. A level whose healthy share is under the panic threshold serves from all its hosts.
 */
public final class Balancer {

    private final Cluster.LbPolicy policy;
    private final Cluster.LbConfig config;
    private final Counter panics;
    private volatile List<HostGroup> groups = List.of();
    private int overprovisioning = 140;
    private volatile @Nullable View view;

    public Balancer(Cluster.LbPolicy policy, Cluster.LbConfig config, Counter panics) {
        this.policy = policy;
        this.config = config;
        this.panics = panics;
    }

    /** New hosts. One thread at a time. */
    public synchronized void update(List<HostGroup> newGroups, int overprovisioningPercent) {
        overprovisioning = overprovisioningPercent;
        groups = List.copyOf(newGroups);
        view = null;
    }

    /** The health of some host has changed. */
    public synchronized void healthChanged() {
        view = null;
    }

    public List<HostGroup> groups() {
        return groups;
    }

    public @Nullable Host pick(PickContext context) {
        View now = view;
        if (now == null) {
            now = build();
        }
        Host host = now.pick(context.hash());
        for (int again = context.reselections(); again > 0 && host != null && context.avoid().contains(host); again--) {
            host = now.pick(context.hash());
        }
        return host;
    }

    /** Under the lock, so that a view of hosts already replaced is never kept. */
    private synchronized View build() {
        View now = view;
        if (now == null) {
            now = new View(groups, overprovisioning);
            view = now;
        }
        return now;
    }

    private HostPicker picker(List<Host> hosts) {
        return switch (policy) {
            case ROUND_ROBIN -> new SpreadPickers.RoundRobin(hosts);
            case RANDOM, CLUSTER_PROVIDED -> new SpreadPickers.Random(hosts);
            case LEAST_REQUEST -> new SpreadPickers.LeastRequest(hosts, config.leastRequestChoices(), config.activeRequestBias());
            case RING_HASH -> new HashPickers.Ring(hosts, config.minRingSize(), config.maxRingSize());
            case MAGLEV -> new HashPickers.Maglev(hosts, config.maglevTableSize());
        };
    }

    /** One priority: pickers by locality (or one for all), null where no host may be used. */
    private final class Level {
        private final int total;
        private final int healthy;
        private final boolean panic;
        private final HostPicker @Nullable [] pickers;
        private final @Nullable WeightedOrder order;

        Level(List<HostGroup> members, int factor) {
            List<Host> all = new ArrayList<>();
            members.forEach(g -> all.addAll(g.hosts()));
            total = all.size();
            List<Host> good = all.stream().filter(h -> HostHealth.of(h) == HostHealth.HEALTHY).toList();
            List<Host> usable = good.isEmpty() ? all.stream().filter(h -> HostHealth.of(h) == HostHealth.DEGRADED).toList() : good;
            healthy = usable.size();
            panic = total > 0 && 100.0 * healthy / total < config.panicThresholdPercent();
            List<Host> chosen = panic ? all : usable;
            if (chosen.isEmpty()) {
                pickers = null;
                order = null;
            } else if (config.localityWeighted() && !panic && members.stream().anyMatch(g -> g.weight() > 0)) {
                List<HostPicker> each = new ArrayList<>();
                List<Long> weights = new ArrayList<>();
                Set<Host> fit = new HashSet<>(usable);
                for (HostGroup group : members) {
                    List<Host> here = group.hosts().stream().filter(fit::contains).toList();
                    if (!here.isEmpty() && group.weight() > 0) {
                        each.add(picker(here));
                        double share = Math.min(1, factor / 100.0 * here.size() / group.hosts().size());
                        weights.add(Math.max(1, Math.round(group.weight() * share * 100)));
                    }
                }
                pickers = each.isEmpty() ? null : each.toArray(HostPicker[]::new);
                order = each.size() < 2 ? null : new WeightedOrder(weights.stream().mapToLong(Long::longValue).toArray());
            } else {
                pickers = new HostPicker[] {picker(chosen)};
                order = null;
            }
        }

        @Nullable Host pick(@Nullable Long hash) {
            HostPicker[] all = pickers;
            if (all == null) {
                return null;
            }
            if (panic) {
                panics.inc();
            }
            WeightedOrder turns = order;
            return all[turns == null ? 0 : turns.next()].pick(hash);
        }
    }

    /** All levels with the share of load of each, in percent, cumulative. */
    private final class View {
        private final Level[] levels;
        private final int[] upTo;

        View(List<HostGroup> all, int factor) {
            var byPriority = new TreeMap<Integer, List<HostGroup>>();
            for (HostGroup group : all) {
                byPriority.computeIfAbsent(group.priority(), p -> new ArrayList<>()).add(group);
            }
            levels = byPriority.values().stream().map(g -> new Level(g, factor)).toArray(Level[]::new);
            int[] health = new int[levels.length];
            int sum = 0;
            for (int i = 0; i < levels.length; i++) {
                health[i] = levels[i].total == 0 ? 0 : Math.min(100, factor * levels[i].healthy / levels[i].total);
                sum = Math.min(100, sum + health[i]);
            }
            upTo = new int[levels.length];
            int given = 0;
            for (int i = 0; i < levels.length; i++) {
                given = sum == 0 ? 100 : Math.min(100, given + health[i] * 100 / sum);
                upTo[i] = given;
            }
            // Rounding leaves a percent or two: they belong to the first level that has any health.
            for (int i = levels.length - 1; i >= 0 && sum > 0 && upTo[i] == given; i--) {
                upTo[i] = 100;
            }
        }

        @Nullable Host pick(@Nullable Long hash) {
            if (levels.length == 0) {
                return null;
            }
            if (upTo[0] == 100) {
                return levels[0].pick(hash);
            }
            int where = hash == null ? ThreadLocalRandom.current().nextInt(100) : (int) Long.remainderUnsigned(hash, 100);
            int level = 0;
            while (upTo[level] <= where) {
                level++;
            }
            return levels[level].pick(hash);
        }
    }
}
