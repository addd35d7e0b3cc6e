package dev.outrider.xds.resource;

import dev.outrider.xds.model.Address;
import dev.outrider.xds.model.Cluster;
import dev.outrider.xds.model.Cluster.Discovery;
import dev.outrider.xds.model.Cluster.LbPolicy;
import dev.outrider.xds.model.ClusterLoadAssignment;
import dev.outrider.xds.model.NetworkFilter;
import dev.outrider.xds.model.source.ConfigSource;
import dev.outrider.xds.model.source.ResourceRef;
import dev.outrider.xds.proto.envoy.config.core.v3.BindConfig;
import dev.outrider.xds.resource.part.ConfigSourceParser;
import dev.outrider.xds.resource.part.Extension;
import dev.outrider.xds.resource.part.Fields;
import dev.outrider.xds.resource.part.FileSource;
import dev.outrider.xds.resource.part.Scope;
import dev.outrider.xds.resource.part.Trees;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** envoy.config.cluster.v3.Cluster, with Envoy's defaults. Active health checks are left out and named as ignored. Any thread. */
public final class ClusterParser {

    private static final ConfigSource ADS = new ConfigSource.Ads();
    private static final long SECOND = 1_000_000_000L;
    private static final long DEFAULT_CONNECT_TIMEOUT = 5 * SECOND;
    private static final long DEFAULT_CLEANUP_INTERVAL = 5 * SECOND;
    private static final long DEFAULT_BUFFER_LIMIT = 1 << 20;

    private ClusterParser() {}

    public static Parsed<Cluster> parse(dev.outrider.xds.proto.envoy.config.cluster.v3.Cluster message) {
        return parse(message, FileSource.SYSTEM);
    }

    public static Parsed<Cluster> parse(dev.outrider.xds.proto.envoy.config.cluster.v3.Cluster message, FileSource files) {
        return Parsed.of(files, scope -> cluster(message, scope));
    }

    private static Cluster cluster(dev.outrider.xds.proto.envoy.config.cluster.v3.Cluster message, Scope at) {
        Fields.notEmpty(message.getName(), at.at("name"));
        rejectUnbuilt(message, at);
        Discovery discovery = discovery(message, at);
        ClusterLoadAssignment assignment = assignment(message, discovery, at);
        LbPolicy policy = ClusterOptionsParser.lbPolicy(message, at);
        if (!message.hasClusterType()) {
            checkPolicy(discovery, policy, at);
        }
        var originalDst = message.getOriginalDstLbConfig();
        if (originalDst.hasMetadataKey()) {
            at.at("original_dst_lb_config").at("metadata_key").reject("is not supported");
        }
        return new Cluster(
                message.getName(),
                message.getAltStatName(),
                discovery,
                discovery == Discovery.EDS ? eds(message, at) : null,
                assignment,
                policy,
                ClusterOptionsParser.lbConfig(message, at),
                Fields.positiveNanos(
                        message.hasConnectTimeout(), message.getConnectTimeout(), DEFAULT_CONNECT_TIMEOUT, at.at("connect_timeout")),
                ClusterOptionsParser.circuitBreakers(message.getCircuitBreakers(), at.at("circuit_breakers")),
                message.hasOutlierDetection()
                        ? ClusterOptionsParser.outlierDetection(message.getOutlierDetection(), at.at("outlier_detection"))
                        : null,
                TransportSocketParser.upstream(message.hasTransportSocket(), message.getTransportSocket(), at.at("transport_socket")),
                socketMatches(message, at),
                ClusterHttpParser.options(message, at),
                filters(message, at),
                bind(message.hasUpstreamBindConfig(), message.getUpstreamBindConfig(), at.at("upstream_bind_config")),
                keepalive(message, at),
                ClusterOptionsParser.dns(message, at),
                (int) Fields.uint32(
                        originalDst.hasUpstreamPortOverride(), originalDst.getUpstreamPortOverride(), 0, 0, 65_535,
                        at.at("original_dst_lb_config").at("upstream_port_override")),
                originalDstHeader(message, at),
                Fields.positiveNanos(
                        message.hasCleanupInterval(), message.getCleanupInterval(), DEFAULT_CLEANUP_INTERVAL,
                        at.at("cleanup_interval")),
                Fields.uint32(
                        message.hasPerConnectionBufferLimitBytes(), message.getPerConnectionBufferLimitBytes(), DEFAULT_BUFFER_LIMIT),
                Trees.metadata(message.getMetadata()));
    }

    private static void rejectUnbuilt(dev.outrider.xds.proto.envoy.config.cluster.v3.Cluster message, Scope at) {
        if (message.getLbSubsetConfig().getSubsetSelectorsCount() > 0) {
            at.at("lb_subset_config").reject("is not supported");
        }
        if (message.hasUpstreamConfig()) {
            Extension.of(message.getUpstreamConfig().getName(), message.getUpstreamConfig().getTypedConfig(), at)
                    .unsupported("upstream", at.at("upstream_config"));
        }
        if (message.getHealthChecksCount() > 0) {
            at.ignore("health_checks", "envoy.config.core.v3.HealthCheck");
        }
        if (message.hasTypedDnsResolverConfig()) {
            Extension.of(
                    message.getTypedDnsResolverConfig().getName(), message.getTypedDnsResolverConfig().getTypedConfig(),
                    at.at("typed_dns_resolver_config")).ignored(at);
        }
    }

    private static Discovery discovery(dev.outrider.xds.proto.envoy.config.cluster.v3.Cluster message, Scope at) {
        if (message.hasClusterType()) {
            Extension.of(message.getClusterType().getName(), message.getClusterType().getTypedConfig(), at.at("cluster_type"))
                    .unsupported("cluster type", at.at("cluster_type"));
            return Discovery.STATIC;
        }
        return switch (message.getType()) {
            case STATIC -> Discovery.STATIC;
            case STRICT_DNS -> Discovery.STRICT_DNS;
            case LOGICAL_DNS -> Discovery.LOGICAL_DNS;
            case EDS -> Discovery.EDS;
            case ORIGINAL_DST -> Discovery.ORIGINAL_DST;
            case UNRECOGNIZED -> {
                Fields.unknownEnum(message.getTypeValue(), at.at("type"));
                yield Discovery.STATIC;
            }
        };
    }

    private static ResourceRef eds(dev.outrider.xds.proto.envoy.config.cluster.v3.Cluster message, Scope at) {
        String service = message.getEdsClusterConfig().getServiceName();
        return new ResourceRef(
                service.isEmpty() ? message.getName() : service,
                message.getEdsClusterConfig().hasEdsConfig()
                        ? ConfigSourceParser.parse(message.getEdsClusterConfig().getEdsConfig(), at.at("eds_cluster_config").at("eds_config"))
                        : ADS);
    }

    private static @Nullable ClusterLoadAssignment assignment(
            dev.outrider.xds.proto.envoy.config.cluster.v3.Cluster message, Discovery discovery, Scope at) {
        boolean names = discovery == Discovery.STRICT_DNS || discovery == Discovery.LOGICAL_DNS;
        if (discovery == Discovery.EDS && !message.hasEdsClusterConfig()) {
            at.at("eds_cluster_config").reject("is needed by an EDS cluster");
        } else if (discovery != Discovery.EDS && message.hasEdsClusterConfig()) {
            at.at("eds_cluster_config").reject("is set in a cluster that is not of type EDS");
        }
        if (!message.hasLoadAssignment()) {
            if (discovery == Discovery.LOGICAL_DNS) {
                at.at("load_assignment").reject("LOGICAL_DNS needs exactly one endpoint");
            }
            return null;
        }
        if (discovery == Discovery.ORIGINAL_DST) {
            at.at("load_assignment").reject("an ORIGINAL_DST cluster has none");
        }
        ClusterLoadAssignment assignment =
                EndpointParser.assignment(message.getLoadAssignment(), names, at.at("load_assignment"));
        if (discovery == Discovery.LOGICAL_DNS
                && assignment.groups().stream().mapToInt(g -> g.endpoints().size()).sum() != 1) {
            at.at("load_assignment").reject("LOGICAL_DNS needs exactly one endpoint");
        }
        return assignment;
    }

    private static void checkPolicy(Discovery discovery, LbPolicy policy, Scope at) {
        if ((discovery == Discovery.ORIGINAL_DST) != (policy == LbPolicy.CLUSTER_PROVIDED)) {
            at.at("lb_policy").reject(policy + " does not go with a cluster of type " + discovery);
        }
    }

    private static List<Cluster.TransportSocketMatch> socketMatches(
            dev.outrider.xds.proto.envoy.config.cluster.v3.Cluster message, Scope at) {
        List<Cluster.TransportSocketMatch> matches = new ArrayList<>();
        for (int i = 0; i < message.getTransportSocketMatchesCount(); i++) {
            var match = message.getTransportSocketMatches(i);
            Scope here = at.at("transport_socket_matches", i);
            matches.add(new Cluster.TransportSocketMatch(
                    Fields.notEmpty(match.getName(), here.at("name")),
                    Trees.pairs(match.getMatch()),
                    TransportSocketParser.upstream(
                            match.hasTransportSocket(), match.getTransportSocket(), here.at("transport_socket"))));
        }
        return List.copyOf(matches);
    }

    private static List<NetworkFilter> filters(dev.outrider.xds.proto.envoy.config.cluster.v3.Cluster message, Scope at) {
        List<NetworkFilter> filters = new ArrayList<>();
        for (int i = 0; i < message.getFiltersCount(); i++) {
            var filter = message.getFilters(i);
            Scope here = at.at("filters", i);
            if (filter.hasConfigDiscovery()) {
                here.rejectOnce("filter '" + filter.getName() + "' by config_discovery is not supported");
                continue;
            }
            NetworkFilterParser.upstream(Extension.of(filter.getName(), filter.getTypedConfig(), here), here).ifPresent(filters::add);
        }
        return List.copyOf(filters);
    }

    private static Cluster.@Nullable BindConfig bind(boolean present, BindConfig message, Scope at) {
        if (!present || !message.hasSourceAddress()) {
            return null;
        }
        if (message.hasLocalAddressSelector()) {
            at.at("local_address_selector").reject("'" + message.getLocalAddressSelector().getName() + "' is not supported");
        }
        List<Address.Ip> extra = new ArrayList<>();
        for (int i = 0; i < message.getExtraSourceAddressesCount(); i++) {
            Scope here = at.at("extra_source_addresses", i);
            extra.add(Fields.ip(message.getExtraSourceAddresses(i).getAddress(), here.at("address")));
        }
        return new Cluster.BindConfig(Fields.ip(message.getSourceAddress(), at.at("source_address")), List.copyOf(extra));
    }

    private static Cluster.@Nullable TcpKeepalive keepalive(dev.outrider.xds.proto.envoy.config.cluster.v3.Cluster message, Scope at) {
        if (!message.getUpstreamConnectionOptions().hasTcpKeepalive()) {
            return null;
        }
        var keepalive = message.getUpstreamConnectionOptions().getTcpKeepalive();
        Scope here = at.at("upstream_connection_options").at("tcp_keepalive");
        return new Cluster.TcpKeepalive(
                (int) Fields.uint32(keepalive.hasKeepaliveProbes(), keepalive.getKeepaliveProbes(), 0, 0, Integer.MAX_VALUE,
                        here.at("keepalive_probes")),
                (int) Fields.uint32(keepalive.hasKeepaliveTime(), keepalive.getKeepaliveTime(), 0, 0, Integer.MAX_VALUE,
                        here.at("keepalive_time")),
                (int) Fields.uint32(keepalive.hasKeepaliveInterval(), keepalive.getKeepaliveInterval(), 0, 0, Integer.MAX_VALUE,
                        here.at("keepalive_interval")));
    }

    private static @Nullable String originalDstHeader(dev.outrider.xds.proto.envoy.config.cluster.v3.Cluster message, Scope at) {
        var config = message.getOriginalDstLbConfig();
        if (!config.getUseHttpHeader()) {
            return null;
        }
        return config.getHttpHeaderName().isEmpty()
                ? "x-envoy-original-dst-host"
                : Fields.headerName(config.getHttpHeaderName(), at.at("original_dst_lb_config").at("http_header_name"));
    }
}
