package dev.outrider.xds.model;

import dev.outrider.xds.model.match.Matchers;
import dev.outrider.xds.model.match.StringMatcher;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** envoy.config.rbac.v3.RBAC. Policies keep the order of their names (Envoy's map is sorted). */
public record Rbac(Action action, Map<String, Policy> policies) {

    public enum Action { ALLOW, DENY, LOG }

    /** Applies when any permission and any principal match. */
    public record Policy(List<Permission> permissions, List<Principal> principals) {}

    public sealed interface Permission {

        record Any() implements Permission {}

        record And(List<Permission> rules) implements Permission {}

        record Or(List<Permission> rules) implements Permission {}

        record Not(Permission rule) implements Permission {}

        record Header(Matchers.Header matcher) implements Permission {}

        /** The path without its query. */
        record UrlPath(StringMatcher matcher) implements Permission {}

        /** envoy.path.match.uri_template: segments with {@code *} and {@code **}. */
        record UriTemplate(String template) implements Permission {}

        record DestinationIp(Cidr range) implements Permission {}

        record DestinationPort(int port) implements Permission {}

        /** [start, end). */
        record DestinationPortRange(int start, int end) implements Permission {}

        record RequestedServerName(StringMatcher matcher) implements Permission {}

        record MetadataIs(Matchers.MetadataPath matcher) implements Permission {}
    }

    public sealed interface Principal {

        record Any() implements Principal {}

        record And(List<Principal> ids) implements Principal {}

        record Or(List<Principal> ids) implements Principal {}

        record Not(Principal id) implements Principal {}

        /** Null name: any client with a verified certificate. Tested against URI SANs, else DNS SANs, else the subject. */
        record Authenticated(@Nullable StringMatcher name) implements Principal {}

        record SourceIp(Cidr range, Which which) implements Principal {
            public enum Which { DIRECT, REMOTE, SOURCE }
        }

        record Header(Matchers.Header matcher) implements Principal {}

        record UrlPath(StringMatcher matcher) implements Principal {}

        record MetadataIs(Matchers.MetadataPath matcher) implements Principal {}

        record FilterState(String key, StringMatcher matcher) implements Principal {}
    }
}
