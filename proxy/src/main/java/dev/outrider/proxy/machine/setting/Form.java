package dev.outrider.proxy.machine.setting;

import dev.outrider.xds.model.Cidr;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The accepted form of a setting's text, in words and as a check.
 *
 * @param text what a wrong value is told to be, "a port (1 to 65535)"
 * @param items whether several are given: a YAML sequence, or text with {@code separator}
 */
record Form(String text, boolean items, char separator, Predicate<String> accepts) {

    static final Form TEXT = one("text", value -> true);
    static final Form FLAG = one("true or false", value -> Set.of("true", "false", "1", "0", "t", "f").contains(value.toLowerCase(Locale.ROOT)));
    static final Form PORT = one("a port (1 to 65535)", Form::isPort);
    static final Form NUMBER = one("a whole number", value -> value.matches("[0-9]{1,9}"));
    static final Form DURATION = one("a duration such as 500ms, 30s, 5m or 24h", Durations::accepts);
    static final Form ADDRESS = one("an IP address", Form::isAddress);
    static final Form HOST_PORT = one("host:port, such as istiod.istio-system.svc:15012", Form::isHostPort);
    static final Form PATH = one("an absolute path", value -> value.startsWith("/"));
    static final Form PATH_OR_NONE = one("a path, relative ones from the root, or none", value -> value.contains("/") || value.equals("none"));
    static final Form PATH_OR_SYSTEM = one("a path, or SYSTEM", value -> value.contains("/") || value.equals("SYSTEM"));
    static final Form SHARE = one("a number from 0 to 1", value -> value.matches("0?[.][0-9]{1,9}|[01]([.]0{1,9})?"));
    static final Form NAMES = many("names", ',', value -> !value.isBlank());
    static final Form HOST_PORTS = many("addresses with ports, such as 127.0.0.1:15053", ',', Form::isHostPort);
    static final Form SERVERS = many("IP addresses, a port may follow, such as 10.0.0.53 or 10.0.0.53:53", ',', value -> isAddress(value) || isHostPort(value));
    static final Form URLS = many("URLs such as http://127.0.0.1:9102/metrics", ',', value -> value.matches("http://[^\\s/]+(/\\S*)?"));
    static final Form RANGES = many("address ranges such as 10.96.0.0/12", ',', Form::isRange);
    static final Form LOOPBACK_RANGE = one("a range below 127.0.0.0/8 apart from 127.0.0.0/24, such as 127.64.0.0/16", Form::isLoopbackRange);
    static final Form RANGES_OR_ALL = many("address ranges such as 10.96.0.0/12, or '*'", ',', value -> value.equals("*") || isRange(value));
    static final Form PORTS = many("ports (1 to 65535)", ',', Form::isPort);
    static final Form PORTS_OR_ALL = many("ports (1 to 65535), or '*'", ',', value -> value.equals("*") || isPort(value));
    static final Form IDS = many("numeric user or group ids", ',', value -> value.matches("[0-9]{1,10}"));
    static final Form IDS_OR_ALL = many("numeric group ids, or '*'", ',', value -> value.equals("*") || value.matches("[0-9]{1,10}"));
    static final Form LINES = many("one item a line", ';', value -> !value.isBlank());
    static final Form OBJECT = one("a map of names to values", value -> value.startsWith("{") || value.startsWith("["));

    static Form choice(String... words) {
        List<String> all = List.of(words);
        String last = words[words.length - 1];
        if (all.size() == 1) {
            return one(last, last::equalsIgnoreCase);
        }
        return one("one of " + String.join(", ", Arrays.copyOf(words, words.length - 1)) + " and " + last,
                value -> all.stream().anyMatch(value::equalsIgnoreCase));
    }

    private static Form one(String text, Predicate<String> accepts) {
        return new Form(text, false, ',', accepts);
    }

    private static Form many(String text, char separator, Predicate<String> accepts) {
        return new Form(text, true, separator, accepts);
    }

    /** Empty text is "not set" and always accepted. */
    boolean admits(String value) {
        if (value.isBlank()) {
            return true;
        }
        if (!items) {
            return accepts.test(value.strip());
        }
        return Arrays.stream(value.split(String.valueOf(separator), -1)).map(String::strip).filter(item -> !item.isEmpty()).allMatch(accepts);
    }

    private static boolean isPort(String value) {
        return value.matches("[0-9]{1,5}") && Integer.parseInt(value) >= 1 && Integer.parseInt(value) <= 65_535;
    }

    private static boolean isAddress(String value) {
        try {
            InetAddress.ofLiteral(value);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static boolean isHostPort(String value) {
        int colon = value.lastIndexOf(':');
        return colon > 0 && isPort(value.substring(colon + 1)) && (value.indexOf(':') == colon || value.charAt(0) == '[');
    }

    /** Of at least four addresses and at most half of loopback, without those that localhost and resolvers use. */
    private static boolean isLoopbackRange(String value) {
        if (!isRange(value)) {
            return false;
        }
        Cidr range = Cidr.parse(value);
        return Cidr.parse("127.0.0.0/8").contains(range.base()) && range.length() >= 9 && range.length() <= 30
                && !range.contains(InetAddress.ofLiteral("127.0.0.1")) && !Cidr.parse("127.0.0.0/24").contains(range.base());
    }

    private static boolean isRange(String value) {
        try {
            Cidr.parse(value);
            return true;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }
}
