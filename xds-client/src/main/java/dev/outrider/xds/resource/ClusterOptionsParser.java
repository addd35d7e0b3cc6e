package dev.outrider.xds.resource;

import dev.outrider.xds.model.Cluster;
import dev.outrider.xds.model.Cluster.CircuitBreakers.Threshold;
import dev.outrider.xds.model.Cluster.LbPolicy;
import dev.outrider.xds.proto.envoy.config.cluster.v3.CircuitBreakers;
import dev.outrider.xds.proto.envoy.config.cluster.v3.Cluster.SlowStartConfig;
import dev.outrider.xds.proto.envoy.config.cluster.v3.OutlierDetection;
import dev.outrider.xds.proto.envoy.config.core.v3.RoutingPriority;
import dev.outrider.xds.proto.google.protobuf.UInt32Value;
import dev.outrider.xds.proto.google.protobuf.UInt64Value;
import dev.outrider.xds.resource.part.Extension;
import dev.outrider.xds.resource.part.Fields;
import dev.outrider.xds.resource.part.Scope;
import java.util.Optional;

/** The parts of a cluster that say how load is spread and limited, with Envoy's defaults. Pure. */
final class ClusterOptionsParser {

    private static final long SECOND = 1_000_000_000L;
    private static final Threshold DEFAULT_THRESHOLD = new Threshold(1024, 1024, 1024, 3, -1, 3);
    private static final int RING_HASH_VALUE =
            dev.outrider.xds.proto.envoy.config.cluster.v3.Cluster.LbPolicy.RING_HASH_VALUE;
    private static final int MAGLEV_VALUE = dev.outrider.xds.proto.envoy.config.cluster.v3.Cluster.LbPolicy.MAGLEV_VALUE;
    private static final long MAX_RING = 8 << 20;
    private static final long MAX_MAGLEV = 5_000_011;
    private static final String POLICIES = "envoy.extensions.load_balancing_policies.";

    private ClusterOptionsParser() {}

    static LbPolicy lbPolicy(dev.outrider.xds.proto.envoy.config.cluster.v3.Cluster message, Scope at) {
        if (message.hasLoadBalancingPolicy()) {
            return extensionPolicy(message, at.at("load_balancing_policy"));
        }
        return switch (message.getLbPolicy()) {
            case ROUND_ROBIN -> LbPolicy.ROUND_ROBIN;
            case LEAST_REQUEST -> LbPolicy.LEAST_REQUEST;
            case RING_HASH -> LbPolicy.RING_HASH;
            case RANDOM -> LbPolicy.RANDOM;
            case MAGLEV -> LbPolicy.MAGLEV;
            case CLUSTER_PROVIDED -> LbPolicy.CLUSTER_PROVIDED;
            case LOAD_BALANCING_POLICY_CONFIG -> {
                at.at("lb_policy").reject("LOAD_BALANCING_POLICY_CONFIG needs load_balancing_policy");
                yield LbPolicy.ROUND_ROBIN;
            }
            case UNRECOGNIZED -> {
                Fields.unknownEnum(message.getLbPolicyValue(), at.at("lb_policy"));
                yield LbPolicy.ROUND_ROBIN;
            }
        };
    }

    /** The first policy that is known, as Envoy picks; its own settings are the defaults of that policy. */
    private static LbPolicy extensionPolicy(dev.outrider.xds.proto.envoy.config.cluster.v3.Cluster message, Scope at) {
        for (var policy : message.getLoadBalancingPolicy().getPoliciesList()) {
            var config = policy.getTypedExtensionConfig();
            String type = Extension.of(config.getName(), config.getTypedConfig(), at).type();
            Optional<LbPolicy> known = Optional.ofNullable(switch (type) {
                case POLICIES + "round_robin.v3.RoundRobin" -> LbPolicy.ROUND_ROBIN;
                case POLICIES + "least_request.v3.LeastRequest" -> LbPolicy.LEAST_REQUEST;
                case POLICIES + "random.v3.Random" -> LbPolicy.RANDOM;
                case POLICIES + "ring_hash.v3.RingHash" -> LbPolicy.RING_HASH;
                case POLICIES + "maglev.v3.Maglev" -> LbPolicy.MAGLEV;
                case POLICIES + "cluster_provided.v3.ClusterProvided" -> LbPolicy.CLUSTER_PROVIDED;
                default -> null;
            });
            if (known.isPresent()) {
                return known.get();
            }
        }
        at.reject("none of its policies is supported");
        return LbPolicy.ROUND_ROBIN;
    }

    static Cluster.LbConfig lbConfig(dev.outrider.xds.proto.envoy.config.cluster.v3.Cluster message, Scope at) {
        var common = message.getCommonLbConfig();
        var least = message.getLeastRequestLbConfig();
        var ring = message.getRingHashLbConfig();
        var maglev = message.getMaglevLbConfig();
        if (common.hasZoneAwareLbConfig()) {
            at.ignore("zone_aware_lb_config", "envoy.config.cluster.v3.Cluster.CommonLbConfig.ZoneAwareLbConfig");
        }
        SlowStartConfig slow = message.hasRoundRobinLbConfig()
                ? message.getRoundRobinLbConfig().getSlowStartConfig() : least.getSlowStartConfig();
        Scope ringAt = at.at("ring_hash_lb_config");
        long minRing = uint64(ring.hasMinimumRingSize(), ring.getMinimumRingSize(), 1024, MAX_RING, ringAt.at("minimum_ring_size"));
        long maxRing = uint64(ring.hasMaximumRingSize(), ring.getMaximumRingSize(), MAX_RING, MAX_RING, ringAt.at("maximum_ring_size"));
        if (message.getLbPolicyValue() == RING_HASH_VALUE && minRing > maxRing) {
            ringAt.reject("minimum_ring_size " + minRing + " is larger than maximum_ring_size " + maxRing);
        }
        long table = uint64(
                maglev.hasTableSize(), maglev.getTableSize(), 65_537, MAX_MAGLEV, at.at("maglev_lb_config").at("table_size"));
        if (message.getLbPolicyValue() == MAGLEV_VALUE && !isPrime(table)) {
            at.at("maglev_lb_config").at("table_size").reject("value " + table + " is not a prime number");
        }
        return new Cluster.LbConfig(
                Fields.percent(common.hasHealthyPanicThreshold(), common.getHealthyPanicThreshold(), 50,
                        at.at("common_lb_config").at("healthy_panic_threshold")),
                common.hasLocalityWeightedLbConfig(),
                (int) Fields.uint32(least.hasChoiceCount(), least.getChoiceCount(), 2, 2, Integer.MAX_VALUE,
                        at.at("least_request_lb_config").at("choice_count")),
                least.hasActiveRequestBias() ? least.getActiveRequestBias().getDefaultValue() : 1.0,
                minRing,
                maxRing,
                table,
                Fields.nanos(slow.hasSlowStartWindow(), slow.getSlowStartWindow(), 0, at.at("slow_start_config").at("slow_start_window")),
                slow.hasAggression() ? slow.getAggression().getDefaultValue() : 1.0,
                Fields.percent(slow.hasMinWeightPercent(), slow.getMinWeightPercent(), 10,
                        at.at("slow_start_config").at("min_weight_percent")));
    }

    private static long uint64(boolean present, UInt64Value value, long otherwise, long max, Scope at) {
        if (!present) {
            return otherwise;
        }
        return Fields.inRange(value.getValue() < 0 ? Long.MAX_VALUE : value.getValue(), 0, max, at);
    }

    private static boolean isPrime(long number) {
        for (long divisor = 2; divisor * divisor <= number; divisor++) {
            if (number % divisor == 0) {
                return false;
            }
        }
        return number > 1;
    }

    static Cluster.CircuitBreakers circuitBreakers(CircuitBreakers message, Scope at) {
        Threshold defaults = DEFAULT_THRESHOLD;
        Threshold high = DEFAULT_THRESHOLD;
        for (int i = 0; i < message.getThresholdsCount(); i++) {
            CircuitBreakers.Thresholds threshold = message.getThresholds(i);
            Scope here = at.at("thresholds", i);
            if (threshold.getPriority() == RoutingPriority.UNRECOGNIZED) {
                Fields.unknownEnum(threshold.getPriorityValue(), here.at("priority"));
            } else if (threshold.getPriority() == RoutingPriority.HIGH) {
                high = threshold(threshold, here);
            } else {
                defaults = threshold(threshold, here);
            }
        }
        return new Cluster.CircuitBreakers(defaults, high);
    }

    private static Threshold threshold(CircuitBreakers.Thresholds message, Scope at) {
        var budget = message.getRetryBudget();
        return new Threshold(
                Fields.uint32(message.hasMaxConnections(), message.getMaxConnections(), 1024),
                Fields.uint32(message.hasMaxPendingRequests(), message.getMaxPendingRequests(), 1024),
                Fields.uint32(message.hasMaxRequests(), message.getMaxRequests(), 1024),
                Fields.uint32(message.hasMaxRetries(), message.getMaxRetries(), 3),
                message.hasRetryBudget()
                        ? Fields.percent(budget.hasBudgetPercent(), budget.getBudgetPercent(), 20,
                                at.at("retry_budget").at("budget_percent"))
                        : -1,
                Fields.uint32(budget.hasMinRetryConcurrency(), budget.getMinRetryConcurrency(), 3));
    }

    static Cluster.OutlierDetection outlierDetection(OutlierDetection m, Scope at) {
        long base = Fields.positiveNanos(m.hasBaseEjectionTime(), m.getBaseEjectionTime(), 30 * SECOND, at.at("base_ejection_time"));
        return new Cluster.OutlierDetection(
                Fields.positiveNanos(m.hasInterval(), m.getInterval(), 10 * SECOND, at.at("interval")),
                base,
                Fields.positiveNanos(
                        m.hasMaxEjectionTime(), m.getMaxEjectionTime(), Math.max(base, 300 * SECOND), at.at("max_ejection_time")),
                percent(m.hasMaxEjectionPercent(), m.getMaxEjectionPercent(), 10, at.at("max_ejection_percent")),
                count(m.hasConsecutive5Xx(), m.getConsecutive5Xx(), at.at("consecutive_5xx")),
                percent(m.hasEnforcingConsecutive5Xx(), m.getEnforcingConsecutive5Xx(), 100, at.at("enforcing_consecutive_5xx")),
                count(m.hasConsecutiveGatewayFailure(), m.getConsecutiveGatewayFailure(), at.at("consecutive_gateway_failure")),
                percent(m.hasEnforcingConsecutiveGatewayFailure(), m.getEnforcingConsecutiveGatewayFailure(), 0,
                        at.at("enforcing_consecutive_gateway_failure")),
                m.getSplitExternalLocalOriginErrors(),
                count(m.hasConsecutiveLocalOriginFailure(), m.getConsecutiveLocalOriginFailure(),
                        at.at("consecutive_local_origin_failure")),
                percent(m.hasEnforcingConsecutiveLocalOriginFailure(), m.getEnforcingConsecutiveLocalOriginFailure(), 100,
                        at.at("enforcing_consecutive_local_origin_failure")));
    }

    private static int percent(boolean present, UInt32Value value, long otherwise, Scope at) {
        return (int) Fields.uint32(present, value, otherwise, 0, 100, at);
    }

    private static int count(boolean present, UInt32Value value, Scope at) {
        return (int) Fields.uint32(present, value, 5, 0, Integer.MAX_VALUE, at);
    }

    static Cluster.Dns dns(dev.outrider.xds.proto.envoy.config.cluster.v3.Cluster message, Scope at) {
        long refresh = Fields.nanos(message.hasDnsRefreshRate(), message.getDnsRefreshRate(), 5 * SECOND, at.at("dns_refresh_rate"));
        if (refresh <= 1_000_000) {
            at.at("dns_refresh_rate").reject("must be greater than 1 ms");
        }
        Cluster.Dns.Family family = switch (message.getDnsLookupFamily()) {
            case AUTO -> Cluster.Dns.Family.AUTO;
            case V4_ONLY -> Cluster.Dns.Family.V4_ONLY;
            case V6_ONLY -> Cluster.Dns.Family.V6_ONLY;
            case V4_PREFERRED -> Cluster.Dns.Family.V4_PREFERRED;
            case ALL -> Cluster.Dns.Family.ALL;
            case UNRECOGNIZED -> {
                Fields.unknownEnum(message.getDnsLookupFamilyValue(), at.at("dns_lookup_family"));
                yield Cluster.Dns.Family.AUTO;
            }
        };
        return new Cluster.Dns(
                refresh,
                message.getRespectDnsTtl(),
                family,
                Fields.nanos(message.hasDnsJitter(), message.getDnsJitter(), 0, at.at("dns_jitter")));
    }
}
