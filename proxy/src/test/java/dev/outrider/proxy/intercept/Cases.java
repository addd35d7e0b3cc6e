package dev.outrider.proxy.intercept;

import dev.outrider.proxy.intercept.plan.HostFacts;
import dev.outrider.proxy.intercept.plan.InterceptionOptions;
import dev.outrider.proxy.intercept.plan.InterceptionPlan;
import dev.outrider.proxy.intercept.plan.InvalidInterceptionPlan;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Settings under test: as operators have them, on a host 10.10.0.5 and fd00:10::5 whose proxy is uid and gid 1337. */
public final class Cases {
    private static final InterceptionPlan.SshSession SSH = new InterceptionPlan.SshSession(InetAddress.ofLiteral("10.10.0.1"), 2222);
    private static final Map<String, String> GENERATED = Map.of(
            "ISTIO_INBOUND_PORTS", "*", "ISTIO_LOCAL_EXCLUDE_PORTS", "22,15090,15021,15020", "ISTIO_SERVICE_CIDR", "*", "ISTIO_META_DNS_CAPTURE", "true");

    private static final Map<String, String> NO_NAMES = Map.of("ISTIO_META_DNS_CAPTURE", "false");

    private Cases() {}

    public static Map<String, String> environment(String name) {
        return switch (name) {
            case "generated" -> GENERATED;
            case "generated-dual" -> with(GENERATED, "ISTIO_DUAL_STACK", "true");
            case "transparent" -> with(GENERATED, "ISTIO_INBOUND_INTERCEPTION_MODE", "TPROXY");
            case "transparent-dual" -> with(environment("transparent"), "ISTIO_DUAL_STACK", "true");
            case "page" -> Map.of("ISTIO_CP_AUTH", "MUTUAL_TLS", "ISTIO_SERVICE_CIDR", "203.0.113.0/26", "ISTIO_INBOUND_PORTS", "3306,8080");
            case "wide" -> with(GENERATED, "CAPTURE_ALL_DNS", "true", "ISTIO_OUTBOUND_OWNER_GROUPS_EXCLUDE", "888", "ISTIO_SERVICE_EXCLUDE_CIDR", "198.51.100.0/24", "DROP_INVALID", "true");
            case "ports" -> Map.of(
                    "ISTIO_OUTBOUND_PORTS", "80", "ISTIO_LOCAL_OUTBOUND_PORTS_EXCLUDE", "53", "ISTIO_SERVICE_EXCLUDE_CIDR", "198.51.100.0/24", "ENVOY_PORT", "16001",
                    "INBOUND_CAPTURE_PORT", "16006", "ISTIO_INBOUND_PORTS", "*");
            case "only-groups" -> with(GENERATED, "ISTIO_OUTBOUND_OWNER_GROUPS", "888");
            case "guests" -> with(GENERATED, "KUBE_VIRT_INTERFACES", "virbr0");
            case "links" -> with(GENERATED, "ISTIO_EXCLUDE_INTERFACES", "eth0");
            case "stub" -> GENERATED;
            case "nothing-set" -> NO_NAMES;
            case "no-names" -> with(GENERATED, "ISTIO_META_DNS_CAPTURE", "false");
            case "drop-invalid" -> with(environment("no-names"), "DROP_INVALID", "true");
            case "all-names-dual" -> with(GENERATED, "ISTIO_DUAL_STACK", "true", "CAPTURE_ALL_DNS", "true");
            case "inbound-list" -> with(NO_NAMES, "ISTIO_INBOUND_PORTS", "3306,8080", "ISTIO_SERVICE_CIDR", "*");
            case "other-ports" -> with(environment("no-names"), "ENVOY_PORT", "16001", "INBOUND_CAPTURE_PORT", "16006", "INBOUND_TUNNEL_PORT", "16008");
            case "outbound-ranges" -> with(
                    NO_NAMES, "ISTIO_INBOUND_PORTS", "*", "ISTIO_SERVICE_CIDR", "203.0.113.0/24,8.8.8.0/24", "ISTIO_SERVICE_EXCLUDE_CIDR", "203.0.113.64/26");
            case "wide-loopback" -> with(environment("no-names"), "ISTIO_OUTBOUND_IPV4_LOOPBACK_CIDR", "127.0.0.0/8");
            case "guests-ranges" -> with(NO_NAMES, "ISTIO_INBOUND_PORTS", "*", "ISTIO_SERVICE_CIDR", "203.0.113.0/26", "KUBE_VIRT_INTERFACES", "virbr0");
            case "transparent-links" -> with(environment("transparent"), "ISTIO_META_DNS_CAPTURE", "false", "ISTIO_EXCLUDE_INTERFACES", "eth0");
            case "transparent-list" -> with(environment("transparent"), "ISTIO_INBOUND_PORTS", "8080");
            case "transparent-old" -> with(
                    environment("transparent-list"), "ISTIO_META_DNS_CAPTURE", "false", "PROXY_UID", "1337,0", "PROXY_GID", "1337,0");
            case "root-exempt" -> with(GENERATED, "PROXY_UID", "1337,0", "PROXY_GID", "1337,0");
            case "local-ranges" -> with(GENERATED, "ISTIO_SERVICE_CIDR", "127.0.0.2/32");
            case "everything" -> with(
                    environment("transparent-dual"), "ISTIO_EXCLUDE_INTERFACES", "docker0,wg0", "KUBE_VIRT_INTERFACES", "virbr0", "ISTIO_OUTBOUND_PORTS", "9080,9443",
                    "ISTIO_LOCAL_OUTBOUND_PORTS_EXCLUDE", "25", "ISTIO_OUTBOUND_OWNER_GROUPS", "202,303", "DROP_INVALID", "true", "PROXY_UID", "998,0", "PROXY_GID", "998",
                    "ISTIO_OUTBOUND_IPV4_LOOPBACK_CIDR", "127.0.0.0/8");
            default -> throw new IllegalArgumentException(name);
        };
    }

    public static InterceptionPlan plan(String name) throws InvalidInterceptionPlan {
        List<InetAddress> nameservers = switch (name) {
            case "generated-dual", "transparent-dual", "all-names-dual", "everything" -> addresses("10.0.0.2", "fd00:53::2");
            case "stub" -> addresses("127.0.0.53");
            default -> addresses("10.0.0.2", "10.0.0.3");
        };
        boolean ssh = name.equals("page") || name.equals("wide");
        return InterceptionOptions.plan(environment(name), new HostFacts(
                addresses("10.10.0.5", "fd00:10::5"), nameservers, 1337, 1337, ssh ? SSH : null));
    }

    public static List<InetAddress> addresses(String... literals) {
        return List.of(literals).stream().map(InetAddress::ofLiteral).toList();
    }

    public static Map<String, String> with(Map<String, String> env, String... more) {
        var all = new HashMap<>(env);
        for (int i = 0; i < more.length; i += 2) {
            all.put(more[i], more[i + 1]);
        }
        return all;
    }
}
