package dev.outrider.xds.resource;

import dev.outrider.xds.model.Cidr;
import dev.outrider.xds.model.Listener.FilterChain;
import dev.outrider.xds.model.Listener.FilterChainMatch;
import dev.outrider.xds.model.Listener.SourceType;
import dev.outrider.xds.resource.part.Fields;
import dev.outrider.xds.resource.part.Scope;
import dev.outrider.xds.resource.part.Trees;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** envoy.config.listener.v3.FilterChain and its match; two chains that could match the same connection equally well are refused. Pure. */
final class FilterChainParser {

    /** Criteria of one listener multiplied out; a bound on time and memory, far above what istiod sends. */
    private static final long MAX_COMBINATIONS = 200_000;

    private FilterChainParser() {}

    static List<FilterChain> chains(List<dev.outrider.xds.proto.envoy.config.listener.v3.FilterChain> messages, Scope at) {
        List<FilterChain> chains = new ArrayList<>(messages.size());
        for (int i = 0; i < messages.size(); i++) {
            chains.add(chain(messages.get(i), at.at("filter_chains", i)));
        }
        rejectOverlaps(chains, at);
        return List.copyOf(chains);
    }

    static FilterChain chain(dev.outrider.xds.proto.envoy.config.listener.v3.FilterChain message, Scope at) {
        if (message.getUseProxyProto().getValue()) {
            at.at("use_proxy_proto").reject("is not supported");
        }
        return new FilterChain(
                message.getName(),
                match(message.getFilterChainMatch(), at.at("filter_chain_match")),
                NetworkFilterParser.chain(message.getFiltersList(), at),
                TransportSocketParser.downstream(
                        message.hasTransportSocket(), message.getTransportSocket(), at.at("transport_socket")),
                Fields.nanos(message.hasTransportSocketConnectTimeout(), message.getTransportSocketConnectTimeout(), 0,
                        at.at("transport_socket_connect_timeout")),
                Trees.metadata(message.getMetadata()));
    }

    private static FilterChainMatch match(dev.outrider.xds.proto.envoy.config.listener.v3.FilterChainMatch message, Scope at) {
        if (!message.getAddressSuffix().isEmpty() || message.hasSuffixLen()) {
            at.reject("address_suffix and suffix_len are not supported");
        }
        SourceType sourceType = switch (message.getSourceType()) {
            case ANY -> SourceType.ANY;
            case SAME_IP_OR_LOOPBACK -> SourceType.SAME_IP_OR_LOOPBACK;
            case EXTERNAL -> SourceType.EXTERNAL;
            case UNRECOGNIZED -> {
                Fields.unknownEnum(message.getSourceTypeValue(), at.at("source_type"));
                yield SourceType.ANY;
            }
        };
        List<Integer> sourcePorts = new ArrayList<>(message.getSourcePortsCount());
        for (int i = 0; i < message.getSourcePortsCount(); i++) {
            sourcePorts.add((int) Fields.inRange(
                    Integer.toUnsignedLong(message.getSourcePorts(i)), 1, 65_535, at.at("source_ports", i)));
        }
        FilterChainMatch match = new FilterChainMatch(
                message.hasDestinationPort()
                        ? (int) Fields.uint32(true, message.getDestinationPort(), 0, 1, 65_535, at.at("destination_port")) : 0,
                Fields.cidrs(message.getPrefixRangesList(), "prefix_ranges", at),
                Fields.cidrs(message.getDirectSourcePrefixRangesList(), "direct_source_prefix_ranges", at),
                sourceType,
                Fields.cidrs(message.getSourcePrefixRangesList(), "source_prefix_ranges", at),
                List.copyOf(sourcePorts),
                serverNames(message.getServerNamesList(), at),
                message.getTransportProtocol(),
                List.copyOf(message.getApplicationProtocolsList()));
        return match.equals(FilterChainMatch.ALL) ? FilterChainMatch.ALL : match;
    }

    private static List<String> serverNames(List<String> names, Scope at) {
        List<String> lower = new ArrayList<>(names.size());
        for (int i = 0; i < names.size(); i++) {
            String name = names.get(i).toLowerCase(Locale.ROOT);
            if (name.isEmpty() || name.indexOf('*') >= 0 && (!name.startsWith("*.") || name.lastIndexOf('*') > 0)) {
                at.at("server_names", i).reject("'" + name + "' is neither a name nor *.name");
            }
            lower.add(name);
        }
        return List.copyOf(lower);
    }

    /** One combination of criteria; null-free stand-ins mean "not asked". */
    private record Key(
            int port, Object destination, String server, String transport, String application, Object direct, SourceType type,
            Object source, int sourcePort) {}

    private static void rejectOverlaps(List<FilterChain> chains, Scope at) {
        long combinations = 0;
        for (FilterChain chain : chains) {
            combinations += combinations(chain.match());
            if (combinations > MAX_COMBINATIONS) {
                at.at("filter_chains").reject("their criteria have more than " + MAX_COMBINATIONS + " combinations");
                return;
            }
        }
        Set<Key> seen = new HashSet<>();
        for (int i = 0; i < chains.size(); i++) {
            if (!addAll(chains.get(i).match(), seen)) {
                at.at("filter_chains", i).reject("'" + chains.get(i).name() + "' matches what an earlier filter chain matches");
            }
        }
    }

    private static long combinations(FilterChainMatch match) {
        double product = 1;
        for (List<?> list : List.of(match.destinationPrefixes(), match.serverNames(), match.applicationProtocols(),
                match.directSourcePrefixes(), match.sourcePrefixes(), match.sourcePorts())) {
            product *= Math.max(1, list.size());
        }
        return (long) Math.min(product, MAX_COMBINATIONS + 1.0);
    }

    private static boolean addAll(FilterChainMatch match, Set<Key> seen) {
        Set<Key> own = new HashSet<>();
        for (Object destination : orAny(match.destinationPrefixes())) {
            for (String server : match.serverNames().isEmpty() ? List.of("") : match.serverNames()) {
                for (String application : match.applicationProtocols().isEmpty() ? List.of("") : match.applicationProtocols()) {
                    for (Object direct : orAny(match.directSourcePrefixes())) {
                        for (Object source : orAny(match.sourcePrefixes())) {
                            for (int port : match.sourcePorts().isEmpty() ? List.of(0) : match.sourcePorts()) {
                                own.add(new Key(match.destinationPort(), destination, server, match.transportProtocol(),
                                        application, direct, match.sourceType(), source, port));
                            }
                        }
                    }
                }
            }
        }
        boolean fresh = own.stream().noneMatch(seen::contains);
        seen.addAll(own);
        return fresh;
    }

    private static List<?> orAny(List<Cidr> ranges) {
        return ranges.isEmpty() ? List.of("") : ranges;
    }
}
