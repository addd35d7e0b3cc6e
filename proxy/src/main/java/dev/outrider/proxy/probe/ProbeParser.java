package dev.outrider.proxy.probe;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/** {@code readinessProbe} as mesh.yaml has it, or as JSON, with Istio's defaults. Nothing that is not understood is passed over. */
public final class ProbeParser {

    private static final Set<String> ACTIONS = Set.of("httpGet", "tcpSocket", "grpc", "exec");
    private static final Set<String> NUMBERS =
            Set.of("initialDelaySeconds", "timeoutSeconds", "periodSeconds", "successThreshold", "failureThreshold");

    /** A day: a longer one is a mistake. */
    private static final int MOST = 86_400;

    private static final Pattern VISIBLE = Pattern.compile("[\\x21-\\x7e]*");
    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
    private static final Pattern FIELD_VALUE = Pattern.compile("[\\x20-\\x7e\\t]*");

    private ProbeParser() {}

    /** Throws IllegalArgumentException with the field and what was expected. */
    public static ReadinessProbe parse(String text) {
        Map<String, Object> probe;
        try {
            probe = map("the probe", new Load(LoadSettings.builder().setMaxAliasesForCollections(0).build()).loadFromString(text));
        } catch (YamlEngineException e) {
            throw new IllegalArgumentException("neither YAML nor JSON: " + e.getMessage(), e);
        }
        only("the probe", probe, ACTIONS, NUMBERS);
        List<String> actions = probe.keySet().stream().filter(ACTIONS::contains).toList();
        if (actions.size() != 1) {
            throw new IllegalArgumentException("exactly one of httpGet, tcpSocket, grpc and exec was expected, found " + actions);
        }
        return new ReadinessProbe(
                action(actions.getFirst(), map(actions.getFirst(), probe.get(actions.getFirst()))),
                Duration.ofSeconds(number(probe, "initialDelaySeconds", 0, 0)), Duration.ofSeconds(number(probe, "timeoutSeconds", 1, 1)),
                Duration.ofSeconds(number(probe, "periodSeconds", 10, 1)), number(probe, "successThreshold", 1, 1), number(probe, "failureThreshold", 1, 1));
    }

    private static ReadinessProbe.Action action(String kind, Map<String, Object> action) {
        return switch (kind) {
            case "httpGet" -> {
                only(kind, action, Set.of("path", "port", "host", "scheme", "httpHeaders"), Set.of());
                yield new ReadinessProbe.Http(host(action), port(action), path(action), tls(action), headers(action.get("httpHeaders")));
            }
            case "tcpSocket" -> {
                only(kind, action, Set.of("host", "port"), Set.of());
                yield new ReadinessProbe.Tcp(host(action), port(action));
            }
            case "grpc" -> {
                only(kind, action, Set.of("port", "service"), Set.of());
                yield new ReadinessProbe.Grpc(port(action), text(action, "service"));
            }
            default -> {
                only(kind, action, Set.of("command"), Set.of());
                yield new ReadinessProbe.Exec(command(action.get("command")));
            }
        };
    }

    private static void only(String where, Map<String, Object> found, Set<String> some, Set<String> others) {
        for (String name : found.keySet()) {
            if (!some.contains(name) && !others.contains(name)) {
                throw new IllegalArgumentException("'" + name + "' is no field of " + where);
            }
        }
    }

    /** Zero is protobuf's "not set". */
    private static int number(Map<String, Object> probe, String name, int otherwise, int least) {
        int value = integer(name, probe.getOrDefault(name, 0));
        if (value < 0 || value > MOST) {
            throw new IllegalArgumentException(name + " " + value + ": must be from " + least + " to " + MOST);
        }
        return value == 0 ? otherwise : value;
    }

    private static int integer(String name, @Nullable Object value) {
        String text = String.valueOf(value);
        if (!text.matches("-?[0-9]{1,9}")) {
            throw new IllegalArgumentException(name + " '" + text + "': must be a whole number");
        }
        return Integer.parseInt(text);
    }

    private static int port(Map<String, Object> action) {
        int port = integer("port", action.get("port"));
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("port " + port + ": must be from 1 to 65535");
        }
        return port;
    }

    private static String text(Map<String, Object> action, String name) {
        Object value = action.get(name);
        return value == null ? "" : value.toString();
    }

    private static String host(Map<String, Object> action) {
        return visible("host", text(action, "host"));
    }

    private static String path(Map<String, Object> action) {
        String path = visible("path", text(action, "path"));
        return path.startsWith("/") ? path : "/" + path;
    }

    /** What is put into a request must not end its line. */
    private static String visible(String name, String value) {
        if (!VISIBLE.matcher(value).matches()) {
            throw new IllegalArgumentException(name + ": must be visible ASCII without blanks");
        }
        return value;
    }

    private static boolean tls(Map<String, Object> action) {
        return switch (text(action, "scheme").toUpperCase(Locale.ROOT)) {
            case "", "HTTP" -> false;
            case "HTTPS" -> true;
            default -> throw new IllegalArgumentException("scheme '" + text(action, "scheme") + "': must be HTTP or HTTPS");
        };
    }

    private static List<Map.Entry<String, String>> headers(@Nullable Object value) {
        List<Map.Entry<String, String>> all = new ArrayList<>();
        for (Object one : value == null ? List.of() : list("httpHeaders", value)) {
            Map<String, Object> header = map("httpHeaders", one);
            only("httpHeaders", header, Set.of("name", "value"), Set.of());
            String name = text(header, "name");
            if (!TOKEN.matcher(name).matches() || !FIELD_VALUE.matcher(text(header, "value")).matches()) {
                throw new IllegalArgumentException("httpHeaders: '" + name + "' is no header with a name and a value");
            }
            all.add(Map.entry(name, text(header, "value")));
        }
        return List.copyOf(all);
    }

    private static List<String> command(@Nullable Object value) {
        List<String> words = value == null ? List.of() : list("command", value).stream().map(String::valueOf).toList();
        if (words.isEmpty() || words.stream().anyMatch(word -> word.indexOf('\0') >= 0)) {
            throw new IllegalArgumentException("command: a list with a program and its arguments was expected");
        }
        return words;
    }

    private static List<?> list(String name, Object value) {
        if (value instanceof List<?> list) {
            return list;
        }
        throw new IllegalArgumentException(name + ": a list was expected");
    }

    /** Names as protobuf's JSON has them; those of the .proto file mean the same. */
    private static Map<String, Object> map(String where, @Nullable Object value) {
        if (!(value instanceof Map<?, ?> map)) {
            throw new IllegalArgumentException(where + ": a map of names to values was expected");
        }
        Map<String, Object> all = new LinkedHashMap<>();
        map.forEach((name, one) -> {
            if (one != null) {
                all.put(camel(String.valueOf(name)), one);
            }
        });
        return all;
    }

    private static String camel(String name) {
        return Pattern.compile("_([a-z])").matcher(name).replaceAll(found -> found.group(1).toUpperCase(Locale.ROOT));
    }
}
