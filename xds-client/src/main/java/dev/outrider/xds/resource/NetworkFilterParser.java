package dev.outrider.xds.resource;

import dev.outrider.xds.model.NetworkFilter;
import dev.outrider.xds.model.NetworkFilter.MetadataExchange;
import dev.outrider.xds.model.NetworkFilter.MetricOverride;
import dev.outrider.xds.model.NetworkFilter.NetworkRbac;
import dev.outrider.xds.model.NetworkFilter.StatsConfig;
import dev.outrider.xds.model.NetworkFilter.TcpProxy;
import dev.outrider.xds.proto.envoy.config.listener.v3.Filter;
import dev.outrider.xds.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import dev.outrider.xds.proto.envoy.extensions.filters.network.rbac.v3.RBAC;
import dev.outrider.xds.proto.stats.PluginConfig;
import dev.outrider.xds.resource.part.AccessLogParser;
import dev.outrider.xds.resource.part.Extension;
import dev.outrider.xds.resource.part.Fields;
import dev.outrider.xds.resource.part.RbacParser;
import dev.outrider.xds.resource.part.Scope;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Network filters of a filter chain or of a cluster. What could gate or route a connection and is not built is refused. Pure. */
final class NetworkFilterParser {

    static final String STATS = "stats.PluginConfig";
    private static final String METADATA_EXCHANGE = "envoy.tcp.metadataexchange.config.MetadataExchange";
    private static final String FILTERS = "envoy.extensions.filters.network.";
    private static final String HCM = FILTERS + "http_connection_manager.v3.HttpConnectionManager";
    private static final String TCP_PROXY = FILTERS + "tcp_proxy.v3.TcpProxy";
    private static final String NETWORK_RBAC = FILTERS + "rbac.v3.RBAC";

    /** Sniffers: they count what passes and touch nothing. */
    private static final Set<String> OBSERVERS = Set.of(
            FILTERS + "mongo_proxy.v3.MongoProxy",
            FILTERS + "mysql_proxy.v3.MySQLProxy",
            "envoy.extensions.filters.network.postgres_proxy.v3alpha.PostgresProxy",
            FILTERS + "zookeeper_proxy.v3.ZooKeeperProxy");

    private static final long DEFAULT_TCP_IDLE = 3600 * 1_000_000_000L;

    private NetworkFilterParser() {}

    static List<NetworkFilter> chain(List<Filter> messages, Scope at) {
        List<NetworkFilter> filters = new ArrayList<>(messages.size());
        for (int i = 0; i < messages.size(); i++) {
            Filter message = messages.get(i);
            Scope here = at.at("filters", i);
            Fields.notEmpty(message.getName(), here.at("name"));
            if (message.hasConfigDiscovery()) {
                here.rejectOnce("filter '" + message.getName() + "' by config_discovery is not supported");
                continue;
            }
            Extension extension = Extension.of(message.getName(), message.getTypedConfig(), here);
            String type = type(extension);
            boolean last = i == messages.size() - 1;
            if (isTerminal(type) && !last) {
                here.reject("filter " + extension.label() + " must be the last of its chain");
            } else if (isPassing(type) && last) {
                here.reject("filter " + extension.label() + " cannot be the last of a chain");
            }
            filter(extension, here).ifPresent(filters::add);
        }
        return List.copyOf(filters);
    }

    private static boolean isTerminal(String type) {
        return type.equals(HCM) || type.equals(TCP_PROXY);
    }

    private static boolean isPassing(String type) {
        return type.equals(METADATA_EXCHANGE) || type.equals(STATS) || type.equals(NETWORK_RBAC) || OBSERVERS.contains(type);
    }

    /** The name alone counts where no configuration was given. */
    private static String type(Extension extension) {
        if (!extension.type().isEmpty()) {
            return extension.type();
        }
        return switch (extension.name()) {
            case "istio.metadata_exchange" -> METADATA_EXCHANGE;
            case "istio.stats" -> STATS;
            default -> "";
        };
    }

    private static Optional<NetworkFilter> filter(Extension extension, Scope at) {
        Scope config = at.at("typed_config");
        String type = type(extension);
        return switch (type) {
            case HCM -> Optional.of(HttpConnectionManagerParser.parse(
                    extension.read(HttpConnectionManager.getDefaultInstance(), config), config));
            case TCP_PROXY -> Optional.of(tcpProxy(extension.read(
                    dev.outrider.xds.proto.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy.getDefaultInstance(), config), config));
            case METADATA_EXCHANGE -> Optional.of(metadataExchange(extension, config));
            case STATS -> Optional.of(new NetworkFilter.IstioStats(stats(extension, config)));
            case NETWORK_RBAC -> Optional.of(rbac(extension.read(RBAC.getDefaultInstance(), config), config));
            default -> {
                if (OBSERVERS.contains(type)) {
                    extension.ignored(at);
                    yield Optional.of(new NetworkFilter.Observer(extension.name(), type));
                }
                extension.unsupported("filter", at);
                yield Optional.empty();
            }
        };
    }

    /** A filter of a cluster's upstream connections. */
    static Optional<NetworkFilter> upstream(Extension extension, Scope at) {
        if (type(extension).equals(METADATA_EXCHANGE)) {
            return Optional.of(metadataExchange(extension, at.at("typed_config")));
        }
        extension.unsupported("filter", at);
        return Optional.empty();
    }

    private static MetadataExchange metadataExchange(Extension extension, Scope at) {
        var message = extension.read(dev.outrider.xds.proto.envoy.tcp.metadataexchange.config.MetadataExchange.getDefaultInstance(), at);
        return new MetadataExchange(message.getProtocol(), message.getEnableDiscovery());
    }

    static StatsConfig stats(Extension extension, Scope at) {
        PluginConfig message = extension.read(PluginConfig.getDefaultInstance(), at);
        List<MetricOverride> metrics = new ArrayList<>(message.getMetricsCount());
        message.getMetricsList().forEach(metric -> metrics.add(new MetricOverride(
                metric.getName(),
                Collections.unmodifiableMap(new LinkedHashMap<>(metric.getDimensionsMap())),
                List.copyOf(metric.getTagsToRemoveList()),
                metric.getDrop())));
        return new StatsConfig(
                message.getDisableHostHeaderFallback(),
                Fields.nanos(message.hasTcpReportingDuration(), message.getTcpReportingDuration(), 0,
                        at.at("tcp_reporting_duration")),
                List.copyOf(metrics));
    }

    private static NetworkRbac rbac(RBAC message, Scope at) {
        if (message.hasMatcher() || message.hasShadowMatcher()) {
            at.at("matcher").reject("is not supported, give rules");
        }
        if (message.hasDelayDeny()) {
            at.at("delay_deny").reject("is not supported");
        }
        return new NetworkRbac(
                RbacParser.parse(message.hasRules(), message.getRules(), at.at("rules")),
                RbacParser.parse(message.hasShadowRules(), message.getShadowRules(), at.at("shadow_rules")),
                Fields.notEmpty(message.getStatPrefix(), at.at("stat_prefix")),
                message.getShadowRulesStatPrefix());
    }

    private static TcpProxy tcpProxy(dev.outrider.xds.proto.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy message, Scope at) {
        if (message.hasTunnelingConfig()) {
            at.at("tunneling_config").reject("is not supported");
        }
        if (message.hasOnDemand()) {
            at.at("on_demand").reject("is not supported");
        }
        if (message.hasMetadataMatch()) {
            at.at("metadata_match").reject("is not supported");
        }
        boolean hashSourceIp = false;
        for (int i = 0; i < message.getHashPolicyCount(); i++) {
            if (message.getHashPolicy(i).hasSourceIp()) {
                hashSourceIp = true;
            } else {
                at.at("hash_policy", i).reject("only source_ip is supported");
            }
        }
        return new TcpProxy(
                Fields.notEmpty(message.getStatPrefix(), at.at("stat_prefix")),
                clusters(message, at),
                Fields.nanos(message.hasIdleTimeout(), message.getIdleTimeout(), DEFAULT_TCP_IDLE, at.at("idle_timeout")),
                Fields.nanos(message.hasMaxDownstreamConnectionDuration(), message.getMaxDownstreamConnectionDuration(), 0,
                        at.at("max_downstream_connection_duration")),
                (int) Fields.uint32(message.hasMaxConnectAttempts(), message.getMaxConnectAttempts(), 1, 1, Integer.MAX_VALUE,
                        at.at("max_connect_attempts")),
                hashSourceIp,
                AccessLogParser.parse(message.getAccessLogList(), "access_log", at));
    }

    private static List<TcpProxy.Weighted> clusters(
            dev.outrider.xds.proto.envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy message, Scope at) {
        return switch (message.getClusterSpecifierCase()) {
            case CLUSTER -> List.of(new TcpProxy.Weighted(message.getCluster(), 1));
            case WEIGHTED_CLUSTERS -> {
                List<TcpProxy.Weighted> clusters = new ArrayList<>();
                for (int i = 0; i < message.getWeightedClusters().getClustersCount(); i++) {
                    var cluster = message.getWeightedClusters().getClusters(i);
                    Scope here = at.at("weighted_clusters").at("clusters", i);
                    if (cluster.hasMetadataMatch()) {
                        here.at("metadata_match").reject("is not supported");
                    }
                    clusters.add(new TcpProxy.Weighted(
                            Fields.notEmpty(cluster.getName(), here.at("name")),
                            Fields.inRange(Integer.toUnsignedLong(cluster.getWeight()), 1, 0xffff_ffffL, here.at("weight"))));
                }
                if (clusters.isEmpty()) {
                    at.at("weighted_clusters").at("clusters").reject("is empty");
                }
                yield List.copyOf(clusters);
            }
            case CLUSTERSPECIFIER_NOT_SET -> {
                at.reject("one of cluster and weighted_clusters is needed");
                yield List.of();
            }
        };
    }
}
