package dev.outrider.proxy.machine;

import dev.outrider.dns.DnsSettings;
import dev.outrider.dns.query.Cidr;
import dev.outrider.dns.table.StaticRecord;
import dev.outrider.proxy.machine.MachineConfig.InvalidMachineConfig;
import dev.outrider.proxy.machine.setting.Durations;
import dev.outrider.proxy.machine.setting.EffectiveSettings;
import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

/**
 * What the machine's settings say about names. Errors name the setting, the value and the accepted form, all of them together.
 *
 * @param settings for the shim
 * @param adapter how the machine comes to ask it: a word of {@code outrider dns apply --mode}
 * @param search whether names of one label shall resolve
 */
public record MachineDns(DnsSettings settings, String adapter, boolean search) {

    private static final Pattern DOMAIN = Pattern.compile("~?(?=.{1,253}$)[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,62})([.][a-zA-Z0-9_]([a-zA-Z0-9_-]{0,62}))*[.]?");
    private static final Duration LONGEST_TTL = Duration.ofHours(1);
    private static final int DNS_PORT = 53;

    /** A wider range is a company's network rather than a cluster's services: its reverse names are not ours to deny. */
    private static final int WIDEST_SERVICE_RANGE = 12;

    /** Throws when a value does not have its form; says which file and line it came from. */
    public static MachineDns of(EffectiveSettings settings) throws InvalidMachineConfig {
        return of(settings.environment(), settings::label);
    }

    static MachineDns of(Map<String, String> environment, UnaryOperator<String> label) throws InvalidMachineConfig {
        Reader reader = new Reader(environment, label);
        MachineDns dns = reader.read();
        if (!reader.errors.isEmpty()) {
            throw new InvalidMachineConfig(reader.errors);
        }
        return dns;
    }

    /** {@code 127.0.0.1:53}, {@code [::1]:53}, or either without a port. Throws IllegalArgumentException that shows the text. */
    public static InetSocketAddress address(String text, int defaultPort) {
        String host = text;
        int port = defaultPort;
        int colon = text.lastIndexOf(':');
        if (colon >= 0 && !NetUtil.isValidIpV6Address(text) && !text.endsWith("]")) {
            host = text.substring(0, colon);
            String digits = text.substring(colon + 1);
            port = digits.matches("[0-9]{1,5}") ? Integer.parseInt(digits) : -1;
        }
        if (host.startsWith("[") && host.endsWith("]")) {
            host = host.substring(1, host.length() - 1);
        }
        if (port < 0 || port > 65535 || !(NetUtil.isValidIpV4Address(host) || NetUtil.isValidIpV6Address(host))) {
            throw new IllegalArgumentException("'" + text + "' is not an address such as 127.0.0.1:" + defaultPort);
        }
        return new InetSocketAddress(InetAddress.ofLiteral(host), port);
    }

    private static final class Reader {
        private final Map<String, String> env;
        private final UnaryOperator<String> label;
        private final List<String> errors = new ArrayList<>();

        Reader(Map<String, String> env, UnaryOperator<String> label) {
            this.env = env;
            this.label = label;
        }

        MachineDns read() {
            DnsSettings defaults = DnsSettings.defaults();
            String listen = first("OUTRIDER_DNS_LISTEN", "DNS_PROXY_ADDR").replace("localhost", "127.0.0.1");
            List<InetSocketAddress> sockets = list("OUTRIDER_DNS_LISTEN", listen, ",", text -> address(text, DnsSettings.DEFAULT_PORT));
            DnsSettings.Upstream upstream = defaults.upstream();
            DnsSettings.Answers answers = defaults.answers();
            DnsSettings settings = new DnsSettings(
                    sockets.isEmpty() ? defaults.listen() : sockets,
                    mesh(defaults.mesh()),
                    new DnsSettings.Upstream(
                            list("OUTRIDER_DNS_UPSTREAM", ",", text -> address(text, DNS_PORT)), upstream.search(), upstream.resolvConf(),
                            upstream.behindStub(), list("OUTRIDER_DNS_FORWARD", ";", Reader::route), upstream.mark()),
                    list("OUTRIDER_DNS_RECORDS", ";", Reader::record),
                    new DnsSettings.Answers(
                            ttl(answers.ttl()), answers.negativeTtl(), answers.cacheBytes(), answers.dropRebinding(),
                            answers.maxWaitingPerPeer(), answers.maxWaiting()),
                    list("OUTRIDER_DNS_ALLOW", ",", Reader::range));
            boolean capture = flag("ISTIO_META_DNS_CAPTURE", true);
            String adapter = env.getOrDefault("OUTRIDER_DNS_ADAPTER", "").strip();
            return new MachineDns(settings, adapter.isEmpty() ? capture ? "redirect" : "none" : adapter, flag("OUTRIDER_DNS_SEARCH", false));
        }

        private DnsSettings.Mesh mesh(DnsSettings.Mesh defaults) {
            List<String> ranges = new ArrayList<>(defaults.serviceRanges());
            if (!first("ISTIO_SERVICE_CIDR").equals("*")) {
                list("ISTIO_SERVICE_CIDR", ",", Reader::range).stream().filter(Reader::isNarrow).forEach(ranges::add);
            }
            String cluster = first("OUTRIDER_CLUSTER_DOMAIN");
            String namespace = first("POD_NAMESPACE", "ISTIO_NAMESPACE");
            return new DnsSettings.Mesh(
                    cluster.isEmpty() ? defaults.clusterDomain() : String.join("", list("OUTRIDER_CLUSTER_DOMAIN", ",", Reader::domain)),
                    namespace.isEmpty() ? defaults.namespace() : namespace,
                    list("OUTRIDER_DNS_ZONES", ",", Reader::domain), List.copyOf(ranges));
        }

        private Duration ttl(Duration otherwise) {
            String text = first("OUTRIDER_DNS_TTL");
            if (text.isEmpty()) {
                return otherwise;
            }
            try {
                Duration ttl = Durations.parse(text);
                if (ttl.toSeconds() >= 1 && ttl.compareTo(LONGEST_TTL) <= 0) {
                    return ttl;
                }
            } catch (IllegalArgumentException e) {
                errors.add(label.apply("OUTRIDER_DNS_TTL") + ": " + e.getMessage());
                return otherwise;
            }
            errors.add(label.apply("OUTRIDER_DNS_TTL") + ": '" + text + "' is not a time from 1s to 1h");
            return otherwise;
        }

        private static String range(String text) {
            var unused = Cidr.of(text);
            return text;
        }

        private static boolean isNarrow(String range) {
            int slash = range.indexOf('/');
            return slash < 0 || range.contains(":") || Integer.parseInt(range.substring(slash + 1)) >= WIDEST_SERVICE_RANGE;
        }

        private static String domain(String text) {
            if (!DOMAIN.matcher(text).matches()) {
                throw new IllegalArgumentException("'" + text + "' is not a domain such as corp.example");
            }
            String plain = text.startsWith("~") ? text.substring(1) : text;
            return (plain.endsWith(".") ? plain.substring(0, plain.length() - 1) : plain).toLowerCase(Locale.ROOT);
        }

        private static DnsSettings.Route route(String text) {
            String[] side = text.split("=", -1);
            if (side.length != 2) {
                throw new IllegalArgumentException("'" + text + "' is not a zone and its servers such as corp.example=10.0.0.2,10.0.0.3");
            }
            List<InetSocketAddress> servers = Arrays.stream(side[1].split(",", -1)).map(server -> address(server.strip(), DNS_PORT)).toList();
            return new DnsSettings.Route(domain(side[0].strip()), servers);
        }

        private static StaticRecord record(String text) {
            String[] word = text.split("\\s+", 3);
            String type = word.length == 3 ? word[1].toUpperCase(Locale.ROOT) : "";
            String value = word.length == 3 ? word[2] : "";
            boolean fits = switch (type) {
                case "A" -> NetUtil.isValidIpV4Address(value);
                case "AAAA" -> NetUtil.isValidIpV6Address(value);
                case "CNAME" -> DOMAIN.matcher(value).matches();
                case "TXT" -> value.length() <= 255;
                default -> false;
            };
            if (!fits || !DOMAIN.matcher(word[0].startsWith("*.") ? word[0].substring(2) : word[0]).matches()) {
                throw new IllegalArgumentException("'" + text + "' is not a record such as istiod.istio-system.svc A 10.0.0.1 (A, AAAA, CNAME or TXT)");
            }
            return new StaticRecord(word[0], type, value);
        }

        private String first(String... names) {
            for (String name : names) {
                String value = env.getOrDefault(name, "").strip();
                if (!value.isEmpty()) {
                    return value;
                }
            }
            return "";
        }

        private boolean flag(String name, boolean otherwise) {
            return switch (first(name).toLowerCase(Locale.ROOT)) {
                case "" -> otherwise;
                case "true", "1", "t" -> true;
                case "false", "0", "f" -> false;
                default -> {
                    errors.add(label.apply(name) + ": '" + first(name) + "' is neither true nor false");
                    yield otherwise;
                }
            };
        }

        private <T> List<T> list(String name, String separator, Function<String, T> parse) {
            return list(name, first(name), separator, parse);
        }

        private <T> List<T> list(String name, String value, String separator, Function<String, T> parse) {
            List<T> items = new ArrayList<>();
            for (String text : value.split(separator, -1)) {
                if (!text.isBlank()) {
                    try {
                        items.add(parse.apply(text.strip()));
                    } catch (IllegalArgumentException e) {
                        errors.add(label.apply(name) + ": " + e.getMessage());
                    }
                }
            }
            return List.copyOf(items);
        }
    }
}
