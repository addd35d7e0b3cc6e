package dev.outrider.proxy.datapath;

import dev.outrider.proxy.connection.StreamInfo;
import dev.outrider.proxy.identity.TestCertificates;
import dev.outrider.xds.model.Cidr;
import dev.outrider.xds.model.Cluster.Discovery;
import dev.outrider.xds.model.NetworkFilter;
import dev.outrider.xds.model.Rbac;
import dev.outrider.xds.model.Rbac.Action;
import dev.outrider.xds.model.Rbac.Permission;
import dev.outrider.xds.model.Rbac.Principal;
import dev.outrider.xds.model.match.Matchers;
import dev.outrider.xds.model.match.StringMatcher;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static dev.outrider.proxy.datapath.DataPathRig.hear;
import static dev.outrider.proxy.datapath.DataPathRig.say;
import static dev.outrider.proxy.datapath.cluster.TestClusters.assignment;
import static dev.outrider.proxy.datapath.cluster.TestClusters.cluster;
import static dev.outrider.proxy.datapath.cluster.TestClusters.endpoint;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/** AuthorizationPolicy on TCP ports, by real connections over mutual TLS. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class NetworkRbacTest {

    private static final String CLIENT = "spiffe://cluster.local/ns/default/sa/client";
    private static final TestCertificates CA = new TestCertificates();

    private static Principal from(String prefix) {
        return new Principal.Authenticated(new StringMatcher.Prefix(prefix, false));
    }

    private static Principal ip(String range) {
        return new Principal.SourceIp(Cidr.parse(range), Principal.SourceIp.Which.DIRECT);
    }

    private static Permission header(boolean invert) {
        return new Permission.Header(new Matchers.Header(
                ":method", new Matchers.HeaderTest.Value(new StringMatcher.Exact("GET", false)), invert, false));
    }

    static List<Arguments> rules() {
        Permission any = new Permission.Any();
        Principal anyone = new Principal.Any();
        Permission ports = new Permission.DestinationPortRange(1, 65_536);
        return List.of(
                arguments("anything", Action.ALLOW, any, anyone, true),
                arguments("the client by name", Action.ALLOW, any, from(CLIENT), true),
                arguments("another name", Action.ALLOW, any, from(CLIENT + "x"), false),
                arguments("a namespace denied", Action.DENY, any, from("spiffe://cluster.local/ns/default/"), false),
                arguments("another namespace denied", Action.DENY, any, from("spiffe://cluster.local/ns/other/"), true),
                arguments("any certificate", Action.ALLOW, any, new Principal.Authenticated(null), true),
                arguments("not the client", Action.ALLOW, any, new Principal.Not(from(CLIENT)), false),
                arguments("state of Istio", Action.ALLOW, any,
                        new Principal.FilterState("io.istio.peer_principal", new StringMatcher.Exact(CLIENT, false)), true),
                arguments("unknown state", Action.ALLOW, any, new Principal.FilterState("x", new StringMatcher.Exact(CLIENT, false)), false),
                arguments("source", Action.ALLOW, any, ip("127.0.0.0/8"), true),
                arguments("other source", Action.ALLOW, any, ip("10.0.0.0/8"), false),
                arguments("name and source", Action.ALLOW, any, new Principal.And(List.of(from(CLIENT), ip("10.0.0.0/8"))), false),
                arguments("name or source", Action.ALLOW, any, new Principal.Or(List.of(from(CLIENT), ip("10.0.0.0/8"))), true),
                arguments("port range", Action.ALLOW, ports, anyone, true),
                arguments("port", Action.ALLOW, new Permission.DestinationPort(1), anyone, false),
                arguments("not the port", Action.ALLOW, new Permission.Not(new Permission.DestinationPort(1)), anyone, true),
                arguments("destination", Action.DENY, new Permission.DestinationIp(Cidr.parse("127.0.0.1/32")), anyone, false),
                arguments("all of", Action.ALLOW, new Permission.And(List.of(ports, new Permission.DestinationPort(1))), anyone, false),
                arguments("any of", Action.ALLOW, new Permission.Or(List.of(ports, new Permission.DestinationPort(1))), anyone, true),
                arguments("HTTP only", Action.ALLOW, header(false), anyone, false),
                arguments("HTTP only, denied", Action.DENY, header(false), anyone, true),
                arguments("a missing header, inverted", Action.ALLOW, header(true), anyone, false),
                arguments("a path", Action.ALLOW, new Permission.UrlPath(new StringMatcher.Prefix("/", false)), anyone, false),
                arguments("only logged", Action.LOG, any, from("nobody"), true));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("rules")
    void decides(String name, Action action, Permission permission, Principal principal, boolean allowed) throws Exception {
        var rules = new Rbac(action, Map.of("p", new Rbac.Policy(List.of(permission), List.of(principal))));
        try (var server = new TcpServer(TcpServer.ECHO); var in = new MeshRig()) {
            in.identity(CA, "spiffe://cluster.local/ns/default/sa/server");
            in.apply(
                    List.of(cluster("app", Discovery.STATIC, assignment("app", endpoint("127.0.0.1", server.port())))),
                    List.of(MeshRig.inbound("in", "app", new NetworkFilter.NetworkRbac(rules, null, "tcp.", ""))));
            String heard;
            try (SSLSocket client = in.connectTls("in", CA, CA.leaf(CLIENT), "istio")) {
                say(client, "hello");
                heard = hear(client, 5);
            } catch (IOException e) {
                heard = "";
            }
            assertEquals(allowed ? "hello" : "", heard, name);
            StreamInfo info = in.nextClosed();
            String denial = "rbac_access_denied_matched_policy[" + (action == Action.DENY ? "p" : "none") + "]";
            assertEquals(allowed ? "" : denial, info.connectionTerminationDetails);
            assertEquals(allowed ? 1 : 0, in.counter("tcp.rbac.allowed"));
            assertEquals(allowed ? 0 : 1, in.counter("tcp.rbac.denied"));
            assertEquals(allowed ? 1 : 0, server.accepted.get());
        }
    }
}
