package dev.outrider.xds.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * envoy.config.listener.v3.Listener.
 *
 * @param filtersTimeoutNanos how long listener filters may wait for bytes; 0 = for ever
 * @param continueOnFiltersTimeout what happens then: go on with what is known, or close
 * @param bindToPort false: no socket of its own, it only receives connections handed over by original destination
 * @param useOriginalDst hand each connection to the listener of its original destination
 * @param bufferLimitBytes high watermark of one connection's buffers
 * @param statPrefix in place of the address in {@code listener.<x>.*}, empty = address
 */
public record Listener(
        String name,
        Address address,
        List<Address> additionalAddresses,
        List<ListenerFilter> listenerFilters,
        long filtersTimeoutNanos,
        boolean continueOnFiltersTimeout,
        List<FilterChain> filterChains,
        @Nullable FilterChain defaultFilterChain,
        boolean bindToPort,
        boolean useOriginalDst,
        boolean transparent,
        boolean freebind,
        Direction direction,
        List<AccessLog> accessLogs,
        long bufferLimitBytes,
        String statPrefix,
        boolean reusePort,
        Metadata metadata) {

    /** traffic_direction, as seen from the local workload. */
    public enum Direction { UNSPECIFIED, INBOUND, OUTBOUND }

    /** envoy.config.listener.v3.ListenerFilter; {@code disabledWhen} is evaluated with the restored destination. */
    public record ListenerFilter(String name, Kind kind, @Nullable PortPredicate disabledWhen) {

        public enum Kind { ORIGINAL_DST, ORIGINAL_SRC, TLS_INSPECTOR, HTTP_INSPECTOR }
    }

    /** envoy.config.listener.v3.ListenerFilterChainMatchPredicate. */
    public sealed interface PortPredicate {

        boolean test(int destinationPort);

        record Any() implements PortPredicate {
            @Override
            public boolean test(int port) {
                return true;
            }
        }

        /** [start, end). */
        record Range(int start, int end) implements PortPredicate {
            @Override
            public boolean test(int port) {
                return port >= start && port < end;
            }
        }

        record Not(PortPredicate inner) implements PortPredicate {
            @Override
            public boolean test(int port) {
                return !inner.test(port);
            }
        }

        record And(List<PortPredicate> rules) implements PortPredicate {
            @Override
            public boolean test(int port) {
                return rules.stream().allMatch(r -> r.test(port));
            }
        }

        record Or(List<PortPredicate> rules) implements PortPredicate {
            @Override
            public boolean test(int port) {
                return rules.stream().anyMatch(r -> r.test(port));
            }
        }
    }

    /**
     * envoy.config.listener.v3.FilterChain. Names may repeat; the match identifies a chain.
     *
     * @param transportConnectTimeoutNanos bound on the TLS handshake, 0 = the proxy's own bound
     */
    public record FilterChain(
            String name,
            FilterChainMatch match,
            List<NetworkFilter> filters,
            TransportSocket transportSocket,
            long transportConnectTimeoutNanos,
            Metadata metadata) {}

    /** envoy.config.listener.v3.FilterChainMatch; empty or 0 = not asked. Server names are lower case. */
    public record FilterChainMatch(
            int destinationPort,
            List<Cidr> destinationPrefixes,
            List<Cidr> directSourcePrefixes,
            SourceType sourceType,
            List<Cidr> sourcePrefixes,
            List<Integer> sourcePorts,
            List<String> serverNames,
            String transportProtocol,
            List<String> applicationProtocols) {

        public static final FilterChainMatch ALL = new FilterChainMatch(
                0, List.of(), List.of(), SourceType.ANY, List.of(), List.of(), List.of(), "", List.of());
    }

    public enum SourceType { ANY, SAME_IP_OR_LOOPBACK, EXTERNAL }
}
