package dev.outrider.xds.resource;

import dev.outrider.xds.model.RouteAction;
import dev.outrider.xds.model.RouteAction.HashPolicy;
import dev.outrider.xds.model.RouteAction.HostRewrite;
import dev.outrider.xds.model.RouteAction.Mirror;
import dev.outrider.xds.model.RouteAction.Priority;
import dev.outrider.xds.model.RouteAction.Rewrite;
import dev.outrider.xds.model.RouteAction.Target;
import dev.outrider.xds.proto.envoy.config.core.v3.Metadata;
import dev.outrider.xds.proto.envoy.config.route.v3.RouteAction.RequestMirrorPolicy;
import dev.outrider.xds.proto.envoy.config.route.v3.WeightedCluster;
import dev.outrider.xds.resource.part.Extension;
import dev.outrider.xds.resource.part.Fields;
import dev.outrider.xds.resource.part.HeaderMutationParser;
import dev.outrider.xds.resource.part.MatcherParser;
import dev.outrider.xds.resource.part.RetryPolicyParser;
import dev.outrider.xds.resource.part.Scope;
import dev.outrider.xds.resource.part.Trees;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** envoy.config.route.v3.RouteAction: where a request goes and how. Internal redirects and hedging are refused. Pure. */
final class RouteActionParser {

    private static final long DEFAULT_TIMEOUT = 15_000_000_000L;

    private RouteActionParser() {}

    static RouteAction.Forward forward(
            dev.outrider.xds.proto.envoy.config.route.v3.RouteAction message, RouteParser.Inherited inherited, Scope at) {
        rejectUnbuilt(message, at);
        int notFound = switch (message.getClusterNotFoundResponseCode()) {
            case SERVICE_UNAVAILABLE -> 503;
            case NOT_FOUND -> 404;
            case INTERNAL_SERVER_ERROR -> 500;
            case UNRECOGNIZED -> {
                Fields.unknownEnum(message.getClusterNotFoundResponseCodeValue(), at.at("cluster_not_found_response_code"));
                yield 503;
            }
        };
        var maxStream = message.getMaxStreamDuration();
        return new RouteAction.Forward(
                target(message, at),
                notFound,
                rewrite(message, at),
                hostRewrite(message, at),
                message.getAppendXForwardedHost(),
                Fields.nanos(message.hasTimeout(), message.getTimeout(), DEFAULT_TIMEOUT, at.at("timeout")),
                Fields.nanos(message.hasIdleTimeout(), message.getIdleTimeout(), -1, at.at("idle_timeout")),
                Fields.nanos(maxStream.hasMaxStreamDuration(), maxStream.getMaxStreamDuration(), -1,
                        at.at("max_stream_duration").at("max_stream_duration")),
                grpcTimeoutMax(message, at),
                message.hasRetryPolicy()
                        ? RetryPolicyParser.parse(message.getRetryPolicy(), at.at("retry_policy")) : inherited.retry(),
                mirrors(message.getRequestMirrorPoliciesList(), inherited.mirrors(), at),
                hashPolicies(message.getHashPolicyList(), at),
                upgrades(message, at),
                priority(message, at.at("priority")),
                subset(message.getMetadataMatch()));
    }

    private static void rejectUnbuilt(dev.outrider.xds.proto.envoy.config.route.v3.RouteAction message, Scope at) {
        if (message.hasInternalRedirectPolicy() || message.getInternalRedirectActionValue() != 0) {
            at.at("internal_redirect_policy").reject("is not supported");
        }
        if (message.getHedgePolicy().getHedgeOnPerTryTimeout()) {
            at.at("hedge_policy").reject("is not supported");
        }
        if (message.hasRetryPolicyTypedConfig()) {
            at.at("retry_policy_typed_config").reject("is not supported");
        }
    }

    private static Target target(dev.outrider.xds.proto.envoy.config.route.v3.RouteAction message, Scope at) {
        return switch (message.getClusterSpecifierCase()) {
            case CLUSTER -> new Target.Single(Fields.notEmpty(message.getCluster(), at.at("cluster")));
            case CLUSTER_HEADER -> new Target.ByHeader(Fields.headerName(message.getClusterHeader(), at.at("cluster_header")));
            case WEIGHTED_CLUSTERS -> weighted(message.getWeightedClusters(), at.at("weighted_clusters"));
            case CLUSTER_SPECIFIER_PLUGIN, INLINE_CLUSTER_SPECIFIER_PLUGIN -> {
                at.reject("cluster specifier plugins are not supported");
                yield new Target.Single("");
            }
            case CLUSTERSPECIFIER_NOT_SET -> {
                at.reject("cluster specifier is not set or not known");
                yield new Target.Single("");
            }
        };
    }

    private static Target weighted(WeightedCluster message, Scope at) {
        List<Target.Choice> choices = new ArrayList<>(message.getClustersCount());
        long total = 0;
        for (int i = 0; i < message.getClustersCount(); i++) {
            Target.Choice choice = choice(message.getClusters(i), at.at("clusters", i));
            total += choice.weight();
            choices.add(choice);
        }
        if (choices.isEmpty()) {
            at.at("clusters").reject("is empty");
        } else if (total == 0 || total > 0xffff_ffffL) {
            at.reject("sum of weights is " + total + ", not in 1..4294967295");
        }
        String header = message.getHeaderName().isEmpty() ? "" : Fields.headerName(message.getHeaderName(), at.at("header_name"));
        return new Target.Weighted(List.copyOf(choices), total, header);
    }

    private static Target.Choice choice(WeightedCluster.ClusterWeight message, Scope at) {
        if (message.getName().isEmpty() == message.getClusterHeader().isEmpty()) {
            at.reject("exactly one of name and cluster_header is needed");
        }
        if (!message.hasWeight()) {
            at.at("weight").reject("is needed");
        }
        return new Target.Choice(
                message.getName(),
                message.getClusterHeader().isEmpty() ? "" : Fields.headerName(message.getClusterHeader(), at.at("cluster_header")),
                Fields.uint32(message.hasWeight(), message.getWeight(), 0),
                HeaderMutationParser.parse(
                        message.getRequestHeadersToAddList(), message.getRequestHeadersToRemoveList(),
                        message.getResponseHeadersToAddList(), message.getResponseHeadersToRemoveList(), at),
                message.hasHostRewriteLiteral()
                        ? Fields.headerValue(message.getHostRewriteLiteral(), at.at("host_rewrite_literal")) : null,
                HttpFilterParser.perRoute(message.getTypedPerFilterConfigMap(), at),
                subset(message.getMetadataMatch()));
    }

    private static @Nullable Rewrite rewrite(dev.outrider.xds.proto.envoy.config.route.v3.RouteAction message, Scope at) {
        if (message.hasPathRewritePolicy()) {
            Extension.of(message.getPathRewritePolicy().getName(), message.getPathRewritePolicy().getTypedConfig(), at)
                    .unsupported("path rewriter", at.at("path_rewrite_policy"));
        }
        if (message.hasRegexRewrite()) {
            if (!message.getPrefixRewrite().isEmpty()) {
                at.reject("only one of prefix_rewrite and regex_rewrite is allowed");
            }
            return new Rewrite.Regex(MatcherParser.rewrite(message.getRegexRewrite(), at.at("regex_rewrite")));
        }
        return message.getPrefixRewrite().isEmpty()
                ? null : new Rewrite.Prefix(Fields.headerValue(message.getPrefixRewrite(), at.at("prefix_rewrite")));
    }

    private static @Nullable HostRewrite hostRewrite(dev.outrider.xds.proto.envoy.config.route.v3.RouteAction message, Scope at) {
        return switch (message.getHostRewriteSpecifierCase()) {
            case HOST_REWRITE_LITERAL ->
                new HostRewrite.Literal(Fields.headerValue(message.getHostRewriteLiteral(), at.at("host_rewrite_literal")));
            case AUTO_HOST_REWRITE -> message.getAutoHostRewrite().getValue() ? new HostRewrite.Auto() : null;
            case HOST_REWRITE_HEADER ->
                new HostRewrite.FromHeader(Fields.headerName(message.getHostRewriteHeader(), at.at("host_rewrite_header")));
            case HOST_REWRITE_PATH_REGEX -> new HostRewrite.PathRegex(
                    MatcherParser.rewrite(message.getHostRewritePathRegex(), at.at("host_rewrite_path_regex")));
            case HOSTREWRITESPECIFIER_NOT_SET -> null;
        };
    }

    /** The newer field wins over the deprecated one that istiod sends outbound. */
    private static long grpcTimeoutMax(dev.outrider.xds.proto.envoy.config.route.v3.RouteAction message, Scope at) {
        var maxStream = message.getMaxStreamDuration();
        if (maxStream.hasGrpcTimeoutHeaderMax()) {
            return Fields.nanos(maxStream.getGrpcTimeoutHeaderMax(), at.at("max_stream_duration").at("grpc_timeout_header_max"));
        }
        return Fields.nanos(message.hasMaxGrpcTimeout(), message.getMaxGrpcTimeout(), -1, at.at("max_grpc_timeout"));
    }

    /** A level without mirrors of its own has the outer level's. */
    static List<Mirror> mirrors(List<RequestMirrorPolicy> messages, List<Mirror> outer, Scope at) {
        if (messages.isEmpty()) {
            return outer;
        }
        List<Mirror> mirrors = new ArrayList<>(messages.size());
        for (int i = 0; i < messages.size(); i++) {
            RequestMirrorPolicy message = messages.get(i);
            Scope here = at.at("request_mirror_policies", i);
            if (message.getCluster().isEmpty() == message.getClusterHeader().isEmpty()) {
                here.reject("exactly one of cluster and cluster_header is needed");
            }
            mirrors.add(new Mirror(
                    message.getCluster(),
                    message.getClusterHeader().isEmpty()
                            ? "" : Fields.headerName(message.getClusterHeader(), here.at("cluster_header")),
                    message.hasRuntimeFraction()
                            ? Fields.fraction(message.getRuntimeFraction(), here.at("runtime_fraction"))
                            : dev.outrider.xds.model.match.Matchers.Fraction.ALL,
                    !message.getDisableShadowHostSuffixAppend()));
        }
        return List.copyOf(mirrors);
    }

    private static List<HashPolicy> hashPolicies(
            List<dev.outrider.xds.proto.envoy.config.route.v3.RouteAction.HashPolicy> messages, Scope at) {
        List<HashPolicy> policies = new ArrayList<>(messages.size());
        for (int i = 0; i < messages.size(); i++) {
            HashPolicy.Source source = hashSource(messages.get(i), at.at("hash_policy", i));
            if (source != null) {
                policies.add(new HashPolicy(source, messages.get(i).getTerminal()));
            }
        }
        return List.copyOf(policies);
    }

    private static HashPolicy.@Nullable Source hashSource(
            dev.outrider.xds.proto.envoy.config.route.v3.RouteAction.HashPolicy message, Scope at) {
        return switch (message.getPolicySpecifierCase()) {
            case HEADER -> {
                if (message.getHeader().hasRegexRewrite()) {
                    at.at("header").at("regex_rewrite").reject("is not supported");
                }
                yield new HashPolicy.Source.Header(
                        Fields.headerName(message.getHeader().getHeaderName(), at.at("header").at("header_name")));
            }
            case COOKIE -> {
                Map<String, String> attributes = new LinkedHashMap<>();
                message.getCookie().getAttributesList().forEach(a -> attributes.put(a.getName(), a.getValue()));
                yield new HashPolicy.Source.Cookie(
                        Fields.notEmpty(message.getCookie().getName(), at.at("cookie").at("name")),
                        Fields.nanos(message.getCookie().hasTtl(), message.getCookie().getTtl(), -1, at.at("cookie").at("ttl")),
                        message.getCookie().getPath(),
                        Collections.unmodifiableMap(attributes));
            }
            case CONNECTION_PROPERTIES ->
                message.getConnectionProperties().getSourceIp() ? new HashPolicy.Source.SourceIp() : null;
            case QUERY_PARAMETER -> new HashPolicy.Source.QueryParameter(
                    Fields.notEmpty(message.getQueryParameter().getName(), at.at("query_parameter").at("name")));
            case FILTER_STATE -> {
                at.at("filter_state").reject("is not supported");
                yield null;
            }
            case POLICYSPECIFIER_NOT_SET -> {
                at.reject("hash policy is not set or not known");
                yield null;
            }
        };
    }

    private static Map<String, Boolean> upgrades(dev.outrider.xds.proto.envoy.config.route.v3.RouteAction message, Scope at) {
        Map<String, Boolean> upgrades = new LinkedHashMap<>();
        for (int i = 0; i < message.getUpgradeConfigsCount(); i++) {
            var upgrade = message.getUpgradeConfigs(i);
            Scope here = at.at("upgrade_configs", i);
            if (upgrade.hasConnectConfig()) {
                here.at("connect_config").reject("is not supported");
            }
            String type = Fields.notEmpty(upgrade.getUpgradeType(), here.at("upgrade_type")).toLowerCase(Locale.ROOT);
            if (upgrades.put(type, Fields.bool(upgrade.hasEnabled(), upgrade.getEnabled(), true)) != null) {
                here.at("upgrade_type").reject("'" + type + "' is given twice");
            }
        }
        return Collections.unmodifiableMap(upgrades);
    }

    private static Priority priority(dev.outrider.xds.proto.envoy.config.route.v3.RouteAction message, Scope at) {
        return switch (message.getPriority()) {
            case DEFAULT -> Priority.DEFAULT;
            case HIGH -> Priority.HIGH;
            case UNRECOGNIZED -> {
                Fields.unknownEnum(message.getPriorityValue(), at);
                yield Priority.DEFAULT;
            }
        };
    }

    private static Map<String, String> subset(Metadata metadata) {
        var subset = metadata.getFilterMetadataMap().get("envoy.lb");
        return subset == null ? Map.of() : Trees.pairs(subset);
    }
}
