package dev.outrider.xds.resource;

import dev.outrider.xds.model.Address;
import dev.outrider.xds.model.Listener;
import dev.outrider.xds.model.Listener.Direction;
import dev.outrider.xds.model.Listener.ListenerFilter;
import dev.outrider.xds.model.Listener.PortPredicate;
import dev.outrider.xds.proto.envoy.config.listener.v3.ListenerFilterChainMatchPredicate;
import dev.outrider.xds.resource.part.AccessLogParser;
import dev.outrider.xds.resource.part.Extension;
import dev.outrider.xds.resource.part.Fields;
import dev.outrider.xds.resource.part.FileSource;
import dev.outrider.xds.resource.part.Scope;
import dev.outrider.xds.resource.part.Trees;
import java.util.ArrayList;
import java.util.List;

/** envoy.config.listener.v3.Listener, TCP only, with Envoy's defaults. Connection balancing is left to the kernel. Any thread. */
public final class ListenerParser {

    private static final long DEFAULT_FILTERS_TIMEOUT = 15_000_000_000L;
    private static final long DEFAULT_BUFFER_LIMIT = 1 << 20;
    private static final String FILTERS = "envoy.extensions.filters.listener.";

    private ListenerParser() {}

    public static Parsed<Listener> parse(dev.outrider.xds.proto.envoy.config.listener.v3.Listener message) {
        return parse(message, FileSource.SYSTEM);
    }

    public static Parsed<Listener> parse(dev.outrider.xds.proto.envoy.config.listener.v3.Listener message, FileSource files) {
        return Parsed.of(files, scope -> listener(message, scope));
    }

    private static Listener listener(dev.outrider.xds.proto.envoy.config.listener.v3.Listener message, Scope at) {
        rejectUnbuilt(message, at);
        if (message.getFilterChainsCount() == 0 && !message.hasDefaultFilterChain()) {
            at.at("filter_chains").reject("is empty");
        }
        List<Address> additional = new ArrayList<>(message.getAdditionalAddressesCount());
        for (int i = 0; i < message.getAdditionalAddressesCount(); i++) {
            additional.add(Fields.address(
                    message.getAdditionalAddresses(i).getAddress(), false, at.at("additional_addresses", i).at("address")));
        }
        return new Listener(
                message.getName(),
                Fields.address(message.getAddress(), false, at.at("address")),
                List.copyOf(additional),
                filters(message, at),
                Fields.nanos(message.hasListenerFiltersTimeout(), message.getListenerFiltersTimeout(), DEFAULT_FILTERS_TIMEOUT,
                        at.at("listener_filters_timeout")),
                message.getContinueOnListenerFiltersTimeout(),
                FilterChainParser.chains(message.getFilterChainsList(), at),
                message.hasDefaultFilterChain()
                        ? FilterChainParser.chain(message.getDefaultFilterChain(), at.at("default_filter_chain")) : null,
                message.hasBindToPort()
                        ? message.getBindToPort().getValue()
                        : Fields.bool(message.getDeprecatedV1().hasBindToPort(), message.getDeprecatedV1().getBindToPort(), true),
                message.getUseOriginalDst().getValue(),
                message.getTransparent().getValue(),
                message.getFreebind().getValue(),
                direction(message, at.at("traffic_direction")),
                AccessLogParser.parse(message.getAccessLogList(), "access_log", at),
                Fields.uint32(
                        message.hasPerConnectionBufferLimitBytes(), message.getPerConnectionBufferLimitBytes(), DEFAULT_BUFFER_LIMIT),
                message.getStatPrefix(),
                Fields.bool(message.hasEnableReusePort(), message.getEnableReusePort(), true),
                Trees.metadata(message.getMetadata()));
    }

    private static void rejectUnbuilt(dev.outrider.xds.proto.envoy.config.listener.v3.Listener message, Scope at) {
        if (message.hasUdpListenerConfig()) {
            at.at("udp_listener_config").reject("UDP is not supported");
        }
        if (message.hasApiListener()) {
            at.at("api_listener").reject("is not supported");
        }
        if (message.hasInternalListener()) {
            at.at("internal_listener").reject("is not supported");
        }
        if (message.hasFilterChainMatcher()) {
            at.at("filter_chain_matcher").reject("is not supported, give filter_chain_match");
        }
        if (message.getSocketOptionsCount() > 0) {
            at.ignore("socket_options", "envoy.config.core.v3.SocketOption");
        }
    }

    private static Direction direction(dev.outrider.xds.proto.envoy.config.listener.v3.Listener message, Scope at) {
        return switch (message.getTrafficDirection()) {
            case UNSPECIFIED -> Direction.UNSPECIFIED;
            case INBOUND -> Direction.INBOUND;
            case OUTBOUND -> Direction.OUTBOUND;
            case UNRECOGNIZED -> {
                Fields.unknownEnum(message.getTrafficDirectionValue(), at);
                yield Direction.UNSPECIFIED;
            }
        };
    }

    private static List<ListenerFilter> filters(dev.outrider.xds.proto.envoy.config.listener.v3.Listener message, Scope at) {
        List<ListenerFilter> filters = new ArrayList<>(message.getListenerFiltersCount());
        for (int i = 0; i < message.getListenerFiltersCount(); i++) {
            var filter = message.getListenerFilters(i);
            Scope here = at.at("listener_filters", i);
            Fields.notEmpty(filter.getName(), here.at("name"));
            if (filter.hasConfigDiscovery()) {
                here.rejectOnce("filter '" + filter.getName() + "' by config_discovery is not supported");
                continue;
            }
            Extension extension = Extension.of(filter.getName(), filter.getTypedConfig(), here);
            String kind = extension.type().isEmpty() ? extension.name() : extension.type();
            ListenerFilter.Kind known = switch (kind) {
                case "envoy.filters.listener.original_dst", FILTERS + "original_dst.v3.OriginalDst" ->
                    ListenerFilter.Kind.ORIGINAL_DST;
                case "envoy.filters.listener.original_src", FILTERS + "original_src.v3.OriginalSrc" ->
                    ListenerFilter.Kind.ORIGINAL_SRC;
                case "envoy.filters.listener.tls_inspector", FILTERS + "tls_inspector.v3.TlsInspector" ->
                    ListenerFilter.Kind.TLS_INSPECTOR;
                case "envoy.filters.listener.http_inspector", FILTERS + "http_inspector.v3.HttpInspector" ->
                    ListenerFilter.Kind.HTTP_INSPECTOR;
                default -> null;
            };
            if (known == null) {
                extension.unsupported("filter", here);
                continue;
            }
            filters.add(new ListenerFilter(
                    filter.getName(),
                    known,
                    filter.hasFilterDisabled() ? predicate(filter.getFilterDisabled(), here.at("filter_disabled")) : null));
        }
        return List.copyOf(filters);
    }

    private static PortPredicate predicate(ListenerFilterChainMatchPredicate message, Scope at) {
        return switch (message.getRuleCase()) {
            case OR_MATCH -> new PortPredicate.Or(predicates(message.getOrMatch(), at.at("or_match")));
            case AND_MATCH -> new PortPredicate.And(predicates(message.getAndMatch(), at.at("and_match")));
            case NOT_MATCH -> new PortPredicate.Not(predicate(message.getNotMatch(), at.at("not_match")));
            case ANY_MATCH -> new PortPredicate.Any();
            case DESTINATION_PORT_RANGE -> {
                var range = message.getDestinationPortRange();
                yield new PortPredicate.Range(range.getStart(), range.getEnd());
            }
            case RULE_NOT_SET -> {
                at.reject("predicate is not set or not known");
                yield new PortPredicate.Any();
            }
        };
    }

    private static List<PortPredicate> predicates(ListenerFilterChainMatchPredicate.MatchSet message, Scope at) {
        List<PortPredicate> rules = new ArrayList<>(message.getRulesCount());
        for (int i = 0; i < message.getRulesCount(); i++) {
            rules.add(predicate(message.getRules(i), at.at("rules", i)));
        }
        if (rules.size() < 2) {
            at.at("rules").reject("needs at least two rules");
        }
        return List.copyOf(rules);
    }
}
