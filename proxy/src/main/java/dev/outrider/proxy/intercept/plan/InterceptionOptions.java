package dev.outrider.proxy.intercept.plan;

import dev.outrider.proxy.intercept.plan.InterceptionPlan.Dns;
import dev.outrider.proxy.intercept.plan.InterceptionPlan.Families;
import dev.outrider.proxy.intercept.plan.InterceptionPlan.Inbound;
import dev.outrider.proxy.intercept.plan.InterceptionPlan.Interfaces;
import dev.outrider.proxy.intercept.plan.InterceptionPlan.Listeners;
import dev.outrider.proxy.intercept.plan.InterceptionPlan.Marks;
import dev.outrider.proxy.intercept.plan.InterceptionPlan.Mode;
import dev.outrider.proxy.intercept.plan.InterceptionPlan.Outbound;
import dev.outrider.proxy.intercept.plan.InterceptionPlan.Owners;
import dev.outrider.xds.model.Cidr;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * The names and defaults of Istio's settings (cluster.env, sidecar.env and istio-iptables' environment) read into a plan. All errors are reported
 * together. Differences: an unknown mode is an error, DNS is captured unless it is switched off, both documented names of the inbound
 * exclusions work, and SSH and Istio's own ports are excluded without being named.
 */
public final class InterceptionOptions {
    /** Health, merged metrics and Envoy's metrics: peers expect the agent there and not the application. */
    private static final List<Integer> ALWAYS_EXCLUDED = List.of(22, 15020, 15021, 15090);

    /** Linux: IFNAMSIZ less the final zero; characters that no tool gives a meaning. */
    private static final Pattern INTERFACE = Pattern.compile("[A-Za-z0-9_.][A-Za-z0-9_.:-]{0,14}");

    private static final int MAX_ITEMS = 1024;
    private static final int MAX_GROUPS = 64;

    private final Map<String, String> env;
    private final List<String> errors = new ArrayList<>();

    private InterceptionOptions(Map<String, String> env) {
        this.env = env;
    }

    /** The plan for this machine. */
    public static InterceptionPlan plan(Map<String, String> env, HostFacts host) throws InvalidInterceptionPlan {
        var options = new InterceptionOptions(env);
        InterceptionPlan plan = options.read(host);
        if (!options.errors.isEmpty()) {
            throw new InvalidInterceptionPlan(options.errors);
        }
        return plan;
    }

    private InterceptionPlan read(HostFacts host) {
        var listeners = new Listeners(port("ENVOY_PORT", 15001), port("INBOUND_CAPTURE_PORT", 15006), port("INBOUND_TUNNEL_PORT", 15008), port("DNS_PROXY_PORT", 15053));
        var owners = new Owners(
                ids("PROXY_UID", List.of(host.proxyUid())), ids("PROXY_GID", List.of(host.proxyGid())),
                value("ISTIO_OUTBOUND_OWNER_GROUPS").equals("*") ? List.of() : ids("ISTIO_OUTBOUND_OWNER_GROUPS", List.of()),
                ids("ISTIO_OUTBOUND_OWNER_GROUPS_EXCLUDE", List.of()));
        if (owners.onlyGroups().size() > MAX_GROUPS) {
            errors.add("ISTIO_OUTBOUND_OWNER_GROUPS: more than " + MAX_GROUPS + " groups");
        }
        return new InterceptionPlan(
                mode(), listeners, inbound(host), outbound(), owners,
                new Interfaces(interfaces("ISTIO_EXCLUDE_INTERFACES"), interfaces("KUBE_VIRT_INTERFACES")),
                dns(host), families(host), loopback(),
                new Marks(whole("ISTIO_INBOUND_TPROXY_MARK", 1337), whole("ISTIO_INBOUND_TPROXY_ROUTE_TABLE", 133)),
                flag("DROP_INVALID", flag("INVALID_DROP", false)));
    }

    private Mode mode() {
        return switch (value("ISTIO_INBOUND_INTERCEPTION_MODE").toUpperCase(Locale.ROOT)) {
            case "", "REDIRECT" -> Mode.REDIRECT;
            case "TPROXY" -> Mode.TPROXY;
            default -> {
                errors.add("ISTIO_INBOUND_INTERCEPTION_MODE: '" + value("ISTIO_INBOUND_INTERCEPTION_MODE") + "' is neither REDIRECT nor TPROXY");
                yield Mode.REDIRECT;
            }
        };
    }

    private Inbound inbound(HostFacts host) {
        var exclude = new ArrayList<>(ALWAYS_EXCLUDED);
        for (String name : List.of("ISTIO_LOCAL_EXCLUDE_PORTS", "ISTIO_INBOUND_EXCLUDE_PORTS")) {
            for (Integer port : ports(name)) {
                if (!exclude.contains(port)) {
                    exclude.add(port);
                }
            }
        }
        boolean all = value("ISTIO_INBOUND_PORTS").equals("*");
        var include = new ArrayList<>(all ? List.of() : ports("ISTIO_INBOUND_PORTS"));
        include.removeAll(exclude);
        InterceptionPlan.SshSession ssh = host.ssh();
        // Port 22 is excluded already.
        return new Inbound(all, List.copyOf(include), List.copyOf(exclude), ssh == null || exclude.contains(ssh.port()) ? List.of() : List.of(ssh));
    }

    private Outbound outbound() {
        if (value("ISTIO_SERVICE_EXCLUDE_CIDR").equals("*")) {
            errors.add("ISTIO_SERVICE_EXCLUDE_CIDR: '*' would exclude everything; leave ISTIO_SERVICE_CIDR empty instead");
            return new Outbound(false, List.of(), List.of(), List.of(), List.of());
        }
        boolean all = value("ISTIO_SERVICE_CIDR").equals("*");
        return new Outbound(
                all, all ? List.of() : ranges("ISTIO_SERVICE_CIDR"), ranges("ISTIO_SERVICE_EXCLUDE_CIDR"), ports("ISTIO_OUTBOUND_PORTS"),
                ports("ISTIO_LOCAL_OUTBOUND_PORTS_EXCLUDE"));
    }

    private Dns dns(HostFacts host) {
        boolean all = flag("CAPTURE_ALL_DNS", false);
        // Another way to have the machine ask the shim (dns.adapter) makes the rules superfluous.
        boolean byRules = List.of("", "redirect").contains(value("OUTRIDER_DNS_ADAPTER"));
        boolean wanted = flag("REDIRECT_DNS", byRules && flag("ISTIO_META_DNS_CAPTURE", true));
        return new Dns(wanted && (all || !host.nameservers().isEmpty()), all, host.nameservers());
    }

    private Families families(HostFacts host) {
        boolean v4 = host.addresses().stream().anyMatch(address -> !(address instanceof Inet6Address));
        boolean v6 = host.addresses().stream().anyMatch(Inet6Address.class::isInstance);
        // Without ISTIO_DUAL_STACK the control plane gives the proxy listeners for one family: capturing the other would refuse its connections.
        return v4 ? new Families(true, v6 && flag("DUAL_STACK", flag("ISTIO_DUAL_STACK", false))) : new Families(!v6, v6);
    }

    private Cidr loopback() {
        String name = "ISTIO_OUTBOUND_IPV4_LOOPBACK_CIDR";
        if (value(name).isEmpty()) {
            return new Cidr(InetAddress.ofLiteral("127.0.0.1"), 32);
        }
        Cidr range = one(name, Cidr::parse, "a range such as 127.0.0.0/8", new Cidr(InetAddress.ofLiteral("127.0.0.1"), 32));
        if (range.base() instanceof Inet6Address || !range.base().isLoopbackAddress() || range.length() < 8) {
            errors.add(name + ": '" + value(name) + "' does not lie in 127.0.0.0/8");
        }
        return range;
    }

    private String value(String name) {
        return env.getOrDefault(name, "").strip();
    }

    private List<Integer> ports(String name) {
        return list(name, text -> bounded(text, 1, 65535), "a port (1 to 65535)");
    }

    private int port(String name, int otherwise) {
        return value(name).isEmpty() ? otherwise : one(name, text -> bounded(text, 1, 65535), "a port (1 to 65535)", otherwise);
    }

    private int whole(String name, int otherwise) {
        return value(name).isEmpty() ? otherwise : one(name, text -> bounded(text, 1, Integer.MAX_VALUE), "a whole number above 0", otherwise);
    }

    private List<Integer> ids(String name, List<Integer> otherwise) {
        return value(name).isEmpty() ? otherwise : list(name, text -> bounded(text, 0, Integer.MAX_VALUE), "a numeric user or group id");
    }

    private List<Cidr> ranges(String name) {
        return list(name, Cidr::parse, "an address range such as 10.96.0.0/12");
    }

    private List<String> interfaces(String name) {
        return list(name, text -> {
            if (!INTERFACE.matcher(text).matches()) {
                throw new IllegalArgumentException(text);
            }
            return text;
        }, "an interface name (up to 15 letters, digits and _ . : -)");
    }

    private boolean flag(String name, boolean otherwise) {
        return switch (value(name).toLowerCase(Locale.ROOT)) {
            case "" -> otherwise;
            case "true", "1", "t" -> true;
            case "false", "0", "f" -> false;
            default -> {
                errors.add(name + ": '" + value(name) + "' is neither true nor false");
                yield otherwise;
            }
        };
    }

    private <T> T one(String name, Function<String, T> parse, String form, T otherwise) {
        List<T> items = list(name, parse, form);
        return items.size() == 1 ? items.getFirst() : otherwise;
    }

    private <T> List<T> list(String name, Function<String, T> parse, String form) {
        var items = new ArrayList<T>();
        for (String item : value(name).split(",", -1)) {
            String text = item.strip();
            if (!text.isEmpty() && items.size() < MAX_ITEMS) {
                try {
                    T parsed = parse.apply(text);
                    if (!items.contains(parsed)) {
                        items.add(parsed);
                    }
                } catch (IllegalArgumentException e) {
                    errors.add(name + ": '" + (text.length() > 40 ? text.substring(0, 40) + "..." : text) + "' is not " + form);
                }
            } else if (!text.isEmpty()) {
                errors.add(name + ": more than " + MAX_ITEMS + " items");
                break;
            }
        }
        return List.copyOf(items);
    }

    private static int bounded(String text, int least, int most) {
        if (!text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            throw new IllegalArgumentException(text);
        }
        int number = Integer.parseInt(text);
        if (number < least || number > most) {
            throw new IllegalArgumentException(text);
        }
        return number;
    }
}
