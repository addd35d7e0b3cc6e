package dev.outrider.proxy.datapath.filter;

import dev.outrider.proxy.connection.MetadataMatch;
import dev.outrider.proxy.connection.TlsPeer;
import dev.outrider.proxy.datapath.route.RouteTable;
import dev.outrider.proxy.datapath.route.UriTemplates;
import dev.outrider.proxy.http.HeaderMatch;
import dev.outrider.xds.model.Cidr;
import dev.outrider.xds.model.Rbac;
import dev.outrider.xds.model.Rbac.Permission;
import dev.outrider.xds.model.Rbac.Principal;
import dev.outrider.xds.model.match.Matchers;
import dev.outrider.xds.model.match.StringMatcher;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The policies of one RBAC filter compiled to predicates, tried in the order of their names. Immutable; any loop. */
final class RbacRules {

    @FunctionalInterface
    private interface Test {
        boolean matches(FilterContext context);
    }

    private record Policy(String name, List<Test> permissions, List<Test> principals) {}

    private final Rbac.Action action;
    private final Policy[] policies;

    RbacRules(Rbac model) {
        action = model.action();
        List<Policy> all = new ArrayList<>();
        for (Map.Entry<String, Rbac.Policy> entry : model.policies().entrySet()) {
            all.add(new Policy(
                    entry.getKey(),
                    entry.getValue().permissions().stream().map(RbacRules::permission).toList(),
                    entry.getValue().principals().stream().map(RbacRules::principal).toList()));
        }
        policies = all.toArray(Policy[]::new);
    }

    /** The name of the first policy that applies, or null. */
    @Nullable String match(FilterContext context) {
        for (Policy policy : policies) {
            if (any(policy.permissions, context) && any(policy.principals, context)) {
                return policy.name;
            }
        }
        return null;
    }

    boolean allows(@Nullable String policy) {
        return switch (action) {
            case ALLOW -> policy != null;
            case DENY -> policy == null;
            case LOG -> true;
        };
    }

    private static boolean any(List<Test> tests, FilterContext context) {
        for (int i = 0; i < tests.size(); i++) {
            if (tests.get(i).matches(context)) {
                return true;
            }
        }
        return false;
    }

    private static boolean all(List<Test> tests, FilterContext context) {
        for (int i = 0; i < tests.size(); i++) {
            if (!tests.get(i).matches(context)) {
                return false;
            }
        }
        return true;
    }

    private static Test permission(Permission model) {
        return switch (model) {
            case Permission.Any a -> c -> true;
            case Permission.And(List<Permission> rules) -> {
                List<Test> tests = rules.stream().map(RbacRules::permission).toList();
                yield c -> all(tests, c);
            }
            case Permission.Or(List<Permission> rules) -> {
                List<Test> tests = rules.stream().map(RbacRules::permission).toList();
                yield c -> any(tests, c);
            }
            case Permission.Not(Permission rule) -> {
                Test test = permission(rule);
                yield c -> !test.matches(c);
            }
            case Permission.Header(Matchers.Header matcher) -> header(matcher);
            case Permission.UrlPath(StringMatcher matcher) -> c -> matcher.matches(path(c));
            case Permission.UriTemplate(String template) -> {
                var pattern = UriTemplates.compile(template);
                yield c -> pattern.matches(path(c));
            }
            case Permission.DestinationIp(Cidr range) -> c -> within(range, c.info.connection.destination());
            case Permission.DestinationPort(int port) -> c -> c.info.connection.destination().getPort() == port;
            case Permission.DestinationPortRange(int start, int end) -> c -> {
                int port = c.info.connection.destination().getPort();
                return port >= start && port < end;
            };
            case Permission.RequestedServerName(StringMatcher matcher) -> c -> matcher.matches(c.info.connection.sni());
            case Permission.MetadataIs(Matchers.MetadataPath matcher) -> c -> MetadataMatch.matches(matcher, c.info.dynamicMetadata());
        };
    }

    private static Test principal(Principal model) {
        return switch (model) {
            case Principal.Any a -> c -> true;
            case Principal.And(List<Principal> ids) -> {
                List<Test> tests = ids.stream().map(RbacRules::principal).toList();
                yield c -> all(tests, c);
            }
            case Principal.Or(List<Principal> ids) -> {
                List<Test> tests = ids.stream().map(RbacRules::principal).toList();
                yield c -> any(tests, c);
            }
            case Principal.Not(Principal id) -> {
                Test test = principal(id);
                yield c -> !test.matches(c);
            }
            case Principal.Authenticated(StringMatcher name) -> c -> authenticated(name, c.info.connection.tls());
            case Principal.SourceIp(Cidr range, Principal.SourceIp.Which which) -> c -> within(range, source(c, which));
            case Principal.Header(Matchers.Header matcher) -> header(matcher);
            case Principal.UrlPath(StringMatcher matcher) -> c -> matcher.matches(path(c));
            case Principal.MetadataIs(Matchers.MetadataPath matcher) -> c -> MetadataMatch.matches(matcher, c.info.dynamicMetadata());
            case Principal.FilterState(String key, StringMatcher matcher) -> c -> {
                String value = c.info.filterState(key);
                return value != null && matcher.matches(value);
            };
        };
    }

    private static Test header(Matchers.Header matcher) {
        HeaderMatch match = new HeaderMatch(matcher);
        return c -> match.matches(c.request);
    }

    private static String path(FilterContext context) {
        String path = context.request.path();
        return path.substring(0, RouteTable.pathLength(path));
    }

    private static boolean within(Cidr range, InetSocketAddress address) {
        return address.getAddress() != null && range.contains(address.getAddress());
    }

    private static InetSocketAddress source(FilterContext context, Principal.SourceIp.Which which) {
        InetSocketAddress trusted = context.info.remote;
        return which == Principal.SourceIp.Which.REMOTE && trusted != null ? trusted : context.info.connection.directRemote();
    }

    private static boolean authenticated(@Nullable StringMatcher name, @Nullable TlsPeer peer) {
        if (peer == null || !peer.validated()) {
            return false;
        }
        if (name == null) {
            return true;
        }
        if (!peer.uriSans().isEmpty()) {
            return peer.uriSans().stream().anyMatch(name::matches);
        }
        if (!peer.dnsSans().isEmpty()) {
            return peer.dnsSans().stream().anyMatch(name::matches);
        }
        return name.matches(peer.subject());
    }
}
