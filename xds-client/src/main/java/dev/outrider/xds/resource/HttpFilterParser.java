package dev.outrider.xds.resource;

import dev.outrider.xds.model.HttpFilter;
import dev.outrider.xds.model.HttpFilter.CorsPolicy;
import dev.outrider.xds.model.HttpFilter.FaultPolicy;
import dev.outrider.xds.model.HttpFilter.PerRoute;
import dev.outrider.xds.model.match.Matchers.Fraction;
import dev.outrider.xds.proto.envoy.extensions.filters.common.fault.v3.FaultDelay;
import dev.outrider.xds.proto.envoy.extensions.filters.http.fault.v3.FaultAbort;
import dev.outrider.xds.proto.envoy.extensions.filters.http.fault.v3.HTTPFault;
import dev.outrider.xds.proto.envoy.extensions.filters.http.rbac.v3.RBAC;
import dev.outrider.xds.proto.envoy.extensions.filters.http.rbac.v3.RBACPerRoute;
import dev.outrider.xds.proto.envoy.extensions.filters.http.router.v3.Router;
import dev.outrider.xds.proto.google.protobuf.Any;
import dev.outrider.xds.proto.io.istio.http.peer_metadata.Config;
import dev.outrider.xds.proto.istio.envoy.config.filter.http.alpn.v2alpha1.FilterConfig;
import dev.outrider.xds.resource.part.Extension;
import dev.outrider.xds.resource.part.Fields;
import dev.outrider.xds.resource.part.MatcherParser;
import dev.outrider.xds.resource.part.RbacParser;
import dev.outrider.xds.resource.part.Scope;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * HTTP filters and their per-route settings. The type of the configuration says what a filter is; its name does where there is none.
 * One that could gate or change a request and is not built is refused, unless it is marked optional. Pure.
 */
final class HttpFilterParser {

    private static final String FILTERS = "envoy.extensions.filters.http.";
    private static final String CORS_NAME = "envoy.filters.http.cors";
    private static final String CORS_POLICY = FILTERS + "cors.v3.CorsPolicy";
    private static final String TAP = FILTERS + "tap.v3.Tap";

    private HttpFilterParser() {}

    static List<HttpFilter> chain(
            List<dev.outrider.xds.proto.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter> messages, Scope at) {
        List<HttpFilter> filters = new ArrayList<>(messages.size());
        for (int i = 0; i < messages.size(); i++) {
            var message = messages.get(i);
            Scope here = at.at("http_filters", i);
            Fields.notEmpty(message.getName(), here.at("name"));
            if (message.hasConfigDiscovery()) {
                here.rejectOnce("filter '" + message.getName() + "' by config_discovery is not supported");
                continue;
            }
            if (message.getDisabled()) {
                here.at("disabled").reject("is not supported");
            }
            Extension extension = Extension.of(message.getName(), message.getTypedConfig(), here);
            Optional<HttpFilter> filter = filter(extension, message.getIsOptional(), here);
            boolean last = i == messages.size() - 1;
            if (filter.isPresent() && filter.get() instanceof HttpFilter.Router != last) {
                here.reject("filter " + extension.label()
                        + (last ? " cannot be the last filter, the router is" : " must be the last filter"));
            }
            filter.ifPresent(filters::add);
        }
        if (filters.isEmpty()) {
            at.at("http_filters").reject("has no router filter");
        }
        return List.copyOf(filters);
    }

    /** The name alone counts where no configuration was given. */
    private static String type(Extension extension) {
        if (!extension.type().isEmpty()) {
            return extension.type();
        }
        return switch (extension.name()) {
            case "envoy.filters.http.router" -> FILTERS + "router.v3.Router";
            case "envoy.filters.http.fault" -> FILTERS + "fault.v3.HTTPFault";
            case CORS_NAME -> FILTERS + "cors.v3.Cors";
            case "envoy.filters.http.grpc_stats" -> FILTERS + "grpc_stats.v3.FilterConfig";
            case "envoy.filters.http.rbac" -> FILTERS + "rbac.v3.RBAC";
            case "istio.alpn" -> "istio.envoy.config.filter.http.alpn.v2alpha1.FilterConfig";
            case "istio.metadata_exchange" -> "io.istio.http.peer_metadata.Config";
            case "istio.stats" -> NetworkFilterParser.STATS;
            default -> "";
        };
    }

    private static Optional<HttpFilter> filter(Extension extension, boolean optional, Scope at) {
        Scope config = at.at("typed_config");
        String name = extension.name();
        HttpFilter built = switch (type(extension)) {
            case FILTERS + "router.v3.Router" ->
                new HttpFilter.Router(name, extension.read(Router.getDefaultInstance(), config).getSuppressEnvoyHeaders());
            case "io.istio.http.peer_metadata.Config" ->
                peerMetadata(name, extension.read(Config.getDefaultInstance(), config), config);
            case "istio.envoy.config.filter.http.alpn.v2alpha1.FilterConfig" ->
                alpn(name, extension.read(FilterConfig.getDefaultInstance(), config), config);
            case NetworkFilterParser.STATS -> new HttpFilter.IstioStats(name, NetworkFilterParser.stats(extension, config));
            case FILTERS + "grpc_stats.v3.FilterConfig" -> new HttpFilter.GrpcStats(name, extension.read(
                    dev.outrider.xds.proto.envoy.extensions.filters.http.grpc_stats.v3.FilterConfig.getDefaultInstance(), config)
                    .getEmitFilterState());
            case FILTERS + "fault.v3.HTTPFault" -> {
                HTTPFault fault = extension.read(HTTPFault.getDefaultInstance(), config);
                yield new HttpFilter.Fault(name, fault.hasDelay() || fault.hasAbort() ? fault(fault, config) : null);
            }
            case FILTERS + "cors.v3.Cors" -> new HttpFilter.Cors(name);
            case FILTERS + "rbac.v3.RBAC" -> rbac(name, extension.read(RBAC.getDefaultInstance(), config), config);
            case TAP -> {
                extension.ignored(at);
                yield new HttpFilter.Observer(name, TAP);
            }
            default -> null;
        };
        if (built == null && optional) {
            extension.ignored(at);
        } else if (built == null) {
            extension.unsupported("filter", at);
        }
        return Optional.ofNullable(built);
    }

    private static HttpFilter peerMetadata(String name, Config message, Scope at) {
        if (message.getSharedWithUpstream()) {
            at.ignore("shared_with_upstream", "io.istio.http.peer_metadata.Config");
        }
        return new HttpFilter.PeerMetadata(
                name,
                message.getDownstreamDiscoveryList().stream().anyMatch(Config.DiscoveryMethod::hasIstioHeaders),
                message.getUpstreamDiscoveryList().stream().anyMatch(Config.DiscoveryMethod::hasIstioHeaders),
                message.getDownstreamPropagationList().stream().anyMatch(Config.PropagationMethod::hasIstioHeaders),
                message.getUpstreamPropagationList().stream().anyMatch(Config.PropagationMethod::hasIstioHeaders),
                message.getUpstreamPropagationList().stream().anyMatch(p -> p.getIstioHeaders().getSkipExternalClusters()),
                List.copyOf(message.getAdditionalLabelsList()));
    }

    private static HttpFilter alpn(String name, FilterConfig message, Scope at) {
        Map<String, List<String>> overrides = new LinkedHashMap<>();
        for (int i = 0; i < message.getAlpnOverrideCount(); i++) {
            FilterConfig.AlpnOverride override = message.getAlpnOverride(i);
            if (override.getUpstreamProtocol() == FilterConfig.Protocol.UNRECOGNIZED) {
                Fields.unknownEnum(override.getUpstreamProtocolValue(), at.at("alpn_override", i).at("upstream_protocol"));
            }
            overrides.put(override.getUpstreamProtocol().name(), List.copyOf(override.getAlpnOverrideList()));
        }
        return new HttpFilter.Alpn(name, Collections.unmodifiableMap(overrides));
    }

    private static HttpFilter.HttpRbac rbac(String name, RBAC message, Scope at) {
        if (message.hasMatcher() || message.hasShadowMatcher()) {
            at.at("matcher").reject("is not supported, give rules");
        }
        return new HttpFilter.HttpRbac(
                name,
                RbacParser.parse(message.hasRules(), message.getRules(), at.at("rules")),
                RbacParser.parse(message.hasShadowRules(), message.getShadowRules(), at.at("shadow_rules")),
                message.getShadowRulesStatPrefix());
    }

    private static FaultPolicy fault(HTTPFault message, Scope at) {
        if (message.hasResponseRateLimit()) {
            at.at("response_rate_limit").reject("is not supported");
        }
        FaultDelay delay = message.getDelay();
        if (message.hasDelay() && !delay.hasFixedDelay()) {
            at.at("delay").reject("only fixed_delay is supported");
        }
        FaultAbort abort = message.getAbort();
        if (message.hasAbort() && !abort.hasHttpStatus() && !abort.hasGrpcStatus()) {
            at.at("abort").reject("only http_status and grpc_status are supported");
        }
        int status = abort.hasHttpStatus()
                ? (int) Fields.inRange(Integer.toUnsignedLong(abort.getHttpStatus()), 200, 599, at.at("abort").at("http_status"))
                : 0;
        return new FaultPolicy(
                Fields.positiveNanos(delay.hasFixedDelay(), delay.getFixedDelay(), 0, at.at("delay").at("fixed_delay")),
                Fields.fraction(delay.getPercentage(), at.at("delay").at("percentage")),
                status,
                abort.hasGrpcStatus() ? abort.getGrpcStatus() : -1,
                Fields.fraction(abort.getPercentage(), at.at("abort").at("percentage")),
                MatcherParser.headers(message.getHeadersList(), "headers", at),
                message.getUpstreamCluster(),
                List.copyOf(message.getDownstreamNodesList()),
                Fields.uint32(message.hasMaxActiveFaults(), message.getMaxActiveFaults(), Long.MAX_VALUE));
    }

    private static CorsPolicy cors(dev.outrider.xds.proto.envoy.extensions.filters.http.cors.v3.CorsPolicy message, Scope at) {
        return new CorsPolicy(
                MatcherParser.strings(message.getAllowOriginStringMatchList(), "allow_origin_string_match", at),
                orNull(message.getAllowMethods()),
                orNull(message.getAllowHeaders()),
                orNull(message.getExposeHeaders()),
                orNull(message.getMaxAge()),
                message.getAllowCredentials().getValue(),
                message.hasFilterEnabled() ? Fields.fraction(message.getFilterEnabled(), at.at("filter_enabled")) : Fraction.ALL,
                Fields.bool(message.hasForwardNotMatchingPreflights(), message.getForwardNotMatchingPreflights(), true));
    }

    private static @Nullable String orNull(String text) {
        return text.isEmpty() ? null : text;
    }

    /** typed_per_filter_config of any level. */
    static Map<String, PerRoute> perRoute(Map<String, Any> messages, Scope at) {
        if (messages.isEmpty()) {
            return Map.of();
        }
        Map<String, PerRoute> settings = new LinkedHashMap<>();
        messages.forEach((name, config) -> {
            Scope here = at.at("typed_per_filter_config[" + name + "]");
            perRoute(Extension.of(name, config, here), false, here).ifPresent(setting -> settings.put(name, setting));
        });
        return Collections.unmodifiableMap(settings);
    }

    private static Optional<PerRoute> perRoute(Extension extension, boolean optional, Scope at) {
        return switch (extension.type()) {
            case "envoy.config.route.v3.FilterConfig" -> {
                var wrapper = extension.read(dev.outrider.xds.proto.envoy.config.route.v3.FilterConfig.getDefaultInstance(), at);
                Extension inner = Extension.of(extension.name(), wrapper.getConfig(), at);
                boolean nested = inner.type().equals(extension.type());
                yield wrapper.getDisabled() ? Optional.of(new PerRoute.Disabled())
                        : nested ? Optional.of(new PerRoute.Inert())
                        : perRoute(inner, wrapper.getIsOptional(), at.at("config"));
            }
            case FILTERS + "fault.v3.HTTPFault" ->
                Optional.of(new PerRoute.FaultPerRoute(fault(extension.read(HTTPFault.getDefaultInstance(), at), at)));
            case CORS_POLICY -> Optional.of(new PerRoute.CorsPerRoute(cors(extension.read(
                    dev.outrider.xds.proto.envoy.extensions.filters.http.cors.v3.CorsPolicy.getDefaultInstance(), at), at)));
            case FILTERS + "rbac.v3.RBACPerRoute" -> {
                RBACPerRoute rbac = extension.read(RBACPerRoute.getDefaultInstance(), at);
                yield Optional.of(new PerRoute.RbacPerRoute(
                        rbac.hasRbac() ? rbac(extension.name(), rbac.getRbac(), at.at("rbac")) : null));
            }
            case "" -> Optional.of(new PerRoute.Inert());
            default -> {
                if (optional) {
                    extension.ignored(at);
                    yield Optional.of(new PerRoute.Inert());
                }
                extension.unsupported("filter", at);
                yield Optional.empty();
            }
        };
    }

    /** Adds the deprecated {@code cors} field of a route or virtual host, which the typed setting overrides. */
    static Map<String, PerRoute> withCors(
            Map<String, PerRoute> settings, boolean present, dev.outrider.xds.proto.envoy.config.route.v3.CorsPolicy message, Scope at) {
        if (!present || settings.containsKey(CORS_NAME)) {
            return settings;
        }
        var policy = dev.outrider.xds.proto.envoy.extensions.filters.http.cors.v3.CorsPolicy.newBuilder()
                .addAllAllowOriginStringMatch(message.getAllowOriginStringMatchList())
                .setAllowMethods(message.getAllowMethods())
                .setAllowHeaders(message.getAllowHeaders())
                .setExposeHeaders(message.getExposeHeaders())
                .setMaxAge(message.getMaxAge())
                .setAllowCredentials(message.getAllowCredentials());
        if (message.hasFilterEnabled()) {
            policy.setFilterEnabled(message.getFilterEnabled());
        }
        if (message.hasForwardNotMatchingPreflights()) {
            policy.setForwardNotMatchingPreflights(message.getForwardNotMatchingPreflights());
        }
        Map<String, PerRoute> all = new LinkedHashMap<>(settings);
        all.put(CORS_NAME, new PerRoute.CorsPerRoute(cors(policy.build(), at)));
        return Collections.unmodifiableMap(all);
    }
}
