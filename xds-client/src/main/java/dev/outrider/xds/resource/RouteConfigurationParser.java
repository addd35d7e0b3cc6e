package dev.outrider.xds.resource;

import dev.outrider.xds.model.Route;
import dev.outrider.xds.model.RouteAction;
import dev.outrider.xds.model.RouteConfiguration;
import dev.outrider.xds.model.RouteConfiguration.RequireTls;
import dev.outrider.xds.model.RouteConfiguration.VirtualHost;
import dev.outrider.xds.resource.part.Fields;
import dev.outrider.xds.resource.part.FileSource;
import dev.outrider.xds.resource.part.HeaderMutationParser;
import dev.outrider.xds.resource.part.RetryPolicyParser;
import dev.outrider.xds.resource.part.Scope;
import dev.outrider.xds.resource.part.Trees;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * envoy.config.route.v3.RouteConfiguration. Clusters are not looked up: a route to an unknown one answers 503 at request time. Rate
 * limits and virtual clusters have no effect here. Any thread.
 */
public final class RouteConfigurationParser {

    private static final int DEFAULT_MAX_BODY = 4096;

    private RouteConfigurationParser() {}

    public static Parsed<RouteConfiguration> parse(dev.outrider.xds.proto.envoy.config.route.v3.RouteConfiguration message) {
        return parse(message, FileSource.SYSTEM);
    }

    public static Parsed<RouteConfiguration> parse(
            dev.outrider.xds.proto.envoy.config.route.v3.RouteConfiguration message, FileSource files) {
        return Parsed.of(files, scope -> configuration(message, scope));
    }

    static RouteConfiguration configuration(dev.outrider.xds.proto.envoy.config.route.v3.RouteConfiguration message, Scope at) {
        if (message.hasVhds()) {
            at.at("vhds").reject("is not supported");
        }
        if (message.getClusterSpecifierPluginsCount() > 0) {
            at.at("cluster_specifier_plugins").reject("is not supported");
        }
        long maxBody = Fields.uint32(
                message.hasMaxDirectResponseBodySizeBytes(), message.getMaxDirectResponseBodySizeBytes(), DEFAULT_MAX_BODY);
        List<RouteAction.Mirror> mirrors =
                RouteActionParser.mirrors(message.getRequestMirrorPoliciesList(), List.of(), at);
        List<VirtualHost> hosts = new ArrayList<>(message.getVirtualHostsCount());
        Set<String> domains = new HashSet<>();
        for (int i = 0; i < message.getVirtualHostsCount(); i++) {
            Scope here = at.at("virtual_hosts", i);
            VirtualHost host = host(message.getVirtualHosts(i), maxBody, mirrors, here);
            for (String domain : host.domains()) {
                if (!domains.add(domain)) {
                    here.at("domains").reject("'" + domain + "' is a domain of an earlier virtual host too");
                }
            }
            hosts.add(host);
        }
        List<String> internal = new ArrayList<>();
        for (int i = 0; i < message.getInternalOnlyHeadersCount(); i++) {
            internal.add(Fields.headerName(message.getInternalOnlyHeaders(i), at.at("internal_only_headers", i)));
        }
        return new RouteConfiguration(
                message.getName(),
                List.copyOf(hosts),
                HeaderMutationParser.parse(
                        message.getRequestHeadersToAddList(), message.getRequestHeadersToRemoveList(),
                        message.getResponseHeadersToAddList(), message.getResponseHeadersToRemoveList(), at),
                List.copyOf(internal),
                message.getMostSpecificHeaderMutationsWins(),
                message.getIgnorePortInHostMatching(),
                message.getIgnorePathParametersInPathMatching(),
                maxBody,
                HttpFilterParser.perRoute(message.getTypedPerFilterConfigMap(), at));
    }

    private static VirtualHost host(
            dev.outrider.xds.proto.envoy.config.route.v3.VirtualHost message, long maxBody, List<RouteAction.Mirror> outerMirrors, Scope at) {
        if (message.hasMatcher()) {
            at.at("matcher").reject("is not supported, give routes");
        }
        if (message.getHedgePolicy().getHedgeOnPerTryTimeout()) {
            at.at("hedge_policy").reject("is not supported");
        }
        if (message.hasRetryPolicyTypedConfig()) {
            at.at("retry_policy_typed_config").reject("is not supported");
        }
        RouteParser.Inherited inherited = new RouteParser.Inherited(
                message.hasRetryPolicy() ? RetryPolicyParser.parse(message.getRetryPolicy(), at.at("retry_policy")) : null,
                RouteActionParser.mirrors(message.getRequestMirrorPoliciesList(), outerMirrors, at),
                maxBody);
        List<Route> routes = new ArrayList<>(message.getRoutesCount());
        for (int i = 0; i < message.getRoutesCount(); i++) {
            routes.add(RouteParser.parse(message.getRoutes(i), inherited, at.at("routes", i)));
        }
        return new VirtualHost(
                Fields.notEmpty(message.getName(), at.at("name")),
                domains(message.getDomainsList(), at),
                List.copyOf(routes),
                requireTls(message, at.at("require_tls")),
                HeaderMutationParser.parse(
                        message.getRequestHeadersToAddList(), message.getRequestHeadersToRemoveList(),
                        message.getResponseHeadersToAddList(), message.getResponseHeadersToRemoveList(), at),
                message.getIncludeRequestAttemptCount(),
                message.getIncludeAttemptCountInResponse(),
                HttpFilterParser.withCors(
                        HttpFilterParser.perRoute(message.getTypedPerFilterConfigMap(), at),
                        message.hasCors(), message.getCors(), at.at("cors")),
                Trees.metadata(message.getMetadata()));
    }

    /** A star that is neither first nor last is a plain character, as with Envoy. */
    private static List<String> domains(List<String> sent, Scope at) {
        if (sent.isEmpty()) {
            at.at("domains").reject("is empty");
        }
        List<String> domains = new ArrayList<>(sent.size());
        for (int i = 0; i < sent.size(); i++) {
            String domain = sent.get(i).toLowerCase(Locale.ROOT);
            Fields.headerValue(Fields.notEmpty(domain, at.at("domains", i)), at.at("domains", i));
            domains.add(domain);
        }
        return List.copyOf(domains);
    }

    private static RequireTls requireTls(dev.outrider.xds.proto.envoy.config.route.v3.VirtualHost message, Scope at) {
        return switch (message.getRequireTls()) {
            case NONE -> RequireTls.NONE;
            case EXTERNAL_ONLY -> RequireTls.EXTERNAL_ONLY;
            case ALL -> RequireTls.ALL;
            case UNRECOGNIZED -> {
                Fields.unknownEnum(message.getRequireTlsValue(), at);
                yield RequireTls.ALL;
            }
        };
    }
}
