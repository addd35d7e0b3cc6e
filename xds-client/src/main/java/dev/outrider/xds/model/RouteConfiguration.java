package dev.outrider.xds.model;

import java.util.List;
import java.util.Map;

/** envoy.config.route.v3.RouteConfiguration. A route to an unknown cluster is legal and answers 503 NC. */
public record RouteConfiguration(
        String name,
        List<VirtualHost> virtualHosts,
        HeaderMutations headers,
        List<String> internalOnlyHeaders,
        boolean mostSpecificHeaderMutationsWins,
        boolean ignorePortInHostMatching,
        boolean ignorePathParametersInPathMatching,
        long maxDirectResponseBodyBytes,
        Map<String, HttpFilter.PerRoute> perFilter) {

    /** Domains are lower case. */
    public record VirtualHost(
            String name,
            List<String> domains,
            List<Route> routes,
            RequireTls requireTls,
            HeaderMutations headers,
            boolean includeRequestAttemptCount,
            boolean includeAttemptCountInResponse,
            Map<String, HttpFilter.PerRoute> perFilter,
            Metadata metadata) {}

    public enum RequireTls { NONE, EXTERNAL_ONLY, ALL }

    /** Header changes of one level (weighted cluster, route, virtual host, route configuration). Removal happens before addition. */
    public record HeaderMutations(
            List<Append> requestAdd, List<String> requestRemove, List<Append> responseAdd, List<String> responseRemove) {

        public static final HeaderMutations NONE = new HeaderMutations(List.of(), List.of(), List.of(), List.of());

        /** envoy.config.core.v3.HeaderValueOption; {@code value} may hold {@code %…%} command operators. */
        public record Append(String name, String value, Action action, boolean keepEmptyValue) {
            public enum Action { APPEND_IF_EXISTS_OR_ADD, ADD_IF_ABSENT, OVERWRITE_IF_EXISTS_OR_ADD, OVERWRITE_IF_EXISTS }
        }
    }
}
