package dev.outrider.proxy.datapath.filterchain;

import dev.outrider.proxy.connection.DownstreamConnection;
import dev.outrider.xds.model.Cidr;
import dev.outrider.xds.model.Listener.FilterChainMatch;
import dev.outrider.xds.model.Listener.SourceType;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Finds a listener's filter chain as Envoy does (envoy.config.listener.v3.FilterChainMatch): nine criteria in fixed order, at each the most
 * specific value that fits, never going back. Compiled into nested tables; a criterion that no chain asks for takes no step. Immutable.
 */
public final class FilterChainMatcher {

    private record Entry(FilterChainMatch match, Chain chain) {}

    /** One criterion still to decide; a leaf has its chain. */
    private interface Node {
        @Nullable Chain find(Criteria criteria);
    }

    private record Leaf(Chain chain) implements Node {
        @Override
        public Chain find(Criteria criteria) {
            return chain;
        }
    }

    /** A table of one criterion, made of its groups: key to node, {@code any} for chains that do not ask. */
    private record Step(Function<FilterChainMatch, ? extends List<?>> keys, Builder builder) {}

    private interface Builder {
        Node node(Map<Object, Node> groups, @Nullable Node any);
    }

    private static final List<Step> STEPS = List.of(
            new Step(m -> m.destinationPort() == 0 ? List.of() : List.of(m.destinationPort()), exact(c -> c.destination().getPort())),
            new Step(FilterChainMatch::destinationPrefixes, prefix(c -> c.destination().getAddress())),
            new Step(FilterChainMatch::serverNames, FilterChainMatcher::serverName),
            new Step(m -> m.transportProtocol().isEmpty() ? List.of() : List.of(m.transportProtocol()), exact(Criteria::transport)),
            new Step(FilterChainMatch::applicationProtocols, FilterChainMatcher::alpn),
            new Step(FilterChainMatch::directSourcePrefixes, prefix(c -> c.directSource().getAddress())),
            new Step(m -> m.sourceType() == SourceType.ANY ? List.of() : List.of(m.sourceType()), FilterChainMatcher::sourceType),
            new Step(FilterChainMatch::sourcePrefixes, prefix(c -> c.source().getAddress())),
            new Step(FilterChainMatch::sourcePorts, exact(c -> c.source().getPort())));

    private final @Nullable Node root;
    private final @Nullable Chain defaultChain;

    public FilterChainMatcher(List<Chain> chains, @Nullable Chain defaultChain) {
        List<Entry> entries = new ArrayList<>();
        chains.forEach(c -> entries.add(new Entry(c.model().match(), c)));
        root = entries.isEmpty() ? null : build(0, entries);
        this.defaultChain = defaultChain;
    }

    /** The chain, the default chain, or null. */
    public @Nullable Chain find(DownstreamConnection connection) {
        return find(Criteria.of(connection));
    }

    @Nullable Chain find(Criteria criteria) {
        Chain chain = root == null ? null : root.find(criteria);
        return chain == null ? defaultChain : chain;
    }

    private static Node build(int step, List<Entry> entries) {
        if (step == STEPS.size()) {
            // Several with equal criteria cannot be told apart; the parser refuses them.
            return new Leaf(entries.getFirst().chain);
        }
        Map<Object, List<Entry>> byKey = new LinkedHashMap<>();
        List<Entry> open = new ArrayList<>();
        for (Entry entry : entries) {
            List<?> keys = STEPS.get(step).keys.apply(entry.match);
            for (Object key : keys) {
                byKey.computeIfAbsent(key, k -> new ArrayList<>()).add(entry);
            }
            if (keys.isEmpty()) {
                open.add(entry);
            }
        }
        Node any = open.isEmpty() ? null : build(step + 1, open);
        if (byKey.isEmpty()) {
            return Objects.requireNonNull(any);
        }
        Map<Object, Node> groups = new HashMap<>();
        byKey.forEach((key, members) -> groups.put(key, build(step + 1, members)));
        return STEPS.get(step).builder.node(groups, any);
    }

    private static @Nullable Chain follow(@Nullable Node node, Criteria criteria) {
        return node == null ? null : node.find(criteria);
    }

    private static Builder exact(Function<Criteria, Object> key) {
        return (groups, any) -> criteria -> {
            Node node = groups.get(key.apply(criteria));
            return follow(node == null ? any : node, criteria);
        };
    }

    private static Builder prefix(Function<Criteria, InetAddress> address) {
        return (groups, any) -> {
            Map<Cidr, Node> ranges = new HashMap<>();
            groups.forEach((range, node) -> ranges.put((Cidr) range, node));
            var table = new PrefixTable<Node>(ranges, any);
            return criteria -> follow(table.find(address.apply(criteria)), criteria);
        };
    }

    /** Exact, then wildcards from the longest suffix, then chains without names. */
    private static Node serverName(Map<Object, Node> groups, @Nullable Node any) {
        return criteria -> {
            String name = criteria.sni();
            Node node = name.isEmpty() ? null : groups.get(name);
            for (int dot = name.indexOf('.'); node == null && dot >= 0; dot = name.indexOf('.', dot + 1)) {
                node = groups.get("*" + name.substring(dot));
            }
            return follow(node == null ? any : node, criteria);
        };
    }

    /** The first protocol of the client's list that any chain asks for. */
    private static Node alpn(Map<Object, Node> groups, @Nullable Node any) {
        return criteria -> {
            for (String offered : criteria.alpn()) {
                Node node = groups.get(offered);
                if (node != null) {
                    return node.find(criteria);
                }
            }
            return follow(any, criteria);
        };
    }

    /** Envoy's isLoopbackAddress: the one address, not the whole of 127.0.0.0/8. */
    private static boolean loopback(InetAddress source) {
        byte[] bytes = source.getAddress();
        return source.isLoopbackAddress() && bytes[bytes.length - 1] == 1 && (bytes.length == 16 || bytes[1] == 0 && bytes[2] == 0);
    }

    private static Node sourceType(Map<Object, Node> groups, @Nullable Node any) {
        return criteria -> {
            InetAddress source = criteria.source().getAddress();
            boolean local = loopback(source) || source.equals(criteria.destination().getAddress());
            Node node = groups.get(local ? SourceType.SAME_IP_OR_LOOPBACK : SourceType.EXTERNAL);
            return follow(node == null ? any : node, criteria);
        };
    }
}
