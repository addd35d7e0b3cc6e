package dev.outrider.proxy.machine;

import dev.outrider.proxy.machine.setting.EffectiveSettings;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;

/**
 * An entry of {@code certificates.identities}: inbound ports of this machine that another service account answers for. Immutable.
 *
 * @param directory with key.pem, cert-chain.pem and, if it is not the machine's, root-cert.pem; null = what the CA signs stays in memory
 * @param token shown to the CA; null = the files are all there is
 * @param namespace null = the machine's
 * @param serviceAccount null = none is asked for, as there is no token
 */
public record PortIdentity(
        String name, NavigableSet<Integer> inboundPorts, @Nullable String directory, @Nullable String token, @Nullable String namespace,
        @Nullable String serviceAccount) {

    private static final String VARIABLE = "OUTRIDER_IDENTITIES";
    private static final String DIRECTORY = "certificates.directory";
    private static final Set<String> FIELDS = Set.of("inboundPorts", "directory", "token", "namespace", "serviceAccount");
    private static final int MOST = 64;

    /** All entries. Throws IllegalArgumentException with file, line, entry and what was expected. */
    public static List<PortIdentity> all(EffectiveSettings settings) {
        try {
            List<PortIdentity> all = new ArrayList<>();
            entries(settings.environment().getOrDefault(VARIABLE, "{}")).forEach((name, fields) -> all.add(of(String.valueOf(name), fields)));
            if (all.size() > MOST) {
                throw new IllegalArgumentException("there are " + all.size() + " identities; at most " + MOST + " are kept");
            }
            String machines = settings.effective().stream().filter(e -> e.setting().path().equals(DIRECTORY)).findFirst().orElseThrow().text();
            refuseOverlaps(all, machines);
            return List.copyOf(all);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(settings.label(VARIABLE) + ": " + e.getMessage(), e);
        }
    }

    private static Map<?, ?> entries(String text) {
        try {
            if (new Load(LoadSettings.builder().setMaxAliasesForCollections(0).build()).loadFromString(text) instanceof Map<?, ?> map) {
                return map;
            }
        } catch (YamlEngineException e) {
            throw new IllegalArgumentException("is not JSON or YAML: " + e.getMessage(), e);
        }
        throw new IllegalArgumentException("must be a map of names, such as {payments: {inboundPorts: [9443], directory: /etc/certs/payments}}");
    }

    private static PortIdentity of(String name, @Nullable Object value) {
        if (!name.matches("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?") || name.equals("default")) {
            throw new IllegalArgumentException("'" + name + "' cannot name an identity: 1 to 63 of a-z, 0-9 and -, and not 'default', which is the machine's own");
        }
        if (!(value instanceof Map<?, ?> fields)) {
            throw new IllegalArgumentException(name + " must be a map, such as {inboundPorts: [9443], directory: /etc/certs/" + name + "}");
        }
        for (Object field : fields.keySet()) {
            if (!FIELDS.contains(String.valueOf(field))) {
                throw new IllegalArgumentException(name + "." + field + " is no field; accepted are inboundPorts, directory, token, namespace and serviceAccount");
            }
        }
        var identity = new PortIdentity(name, ports(name, fields.get("inboundPorts")), path(name, "directory", fields), path(name, "token", fields),
                text(name, "namespace", fields), text(name, "serviceAccount", fields));
        if (identity.token == null && identity.directory == null) {
            throw new IllegalArgumentException(name + " needs a directory with its key.pem and cert-chain.pem, or a token and a serviceAccount for the mesh's authority");
        }
        if ((identity.token == null) != (identity.serviceAccount == null) || identity.namespace != null && identity.token == null) {
            throw new IllegalArgumentException(name + ": token and serviceAccount (and namespace, if it is another than the machine's) go together; "
                    + "certificates of the operator's say by themselves who they are for");
        }
        return identity;
    }

    private static NavigableSet<Integer> ports(String name, @Nullable Object value) {
        NavigableSet<Integer> ports = new TreeSet<>();
        for (Object item : value instanceof List<?> list ? list : List.of()) {
            String text = String.valueOf(item);
            int port = text.matches("[0-9]{1,5}") ? Integer.parseInt(text) : 0;
            if (port < 1 || port > 65_535) {
                throw new IllegalArgumentException(name + ".inboundPorts has '" + text + "'; each must be a port (1 to 65535)");
            }
            if (!ports.add(port)) {
                throw new IllegalArgumentException(name + ".inboundPorts has " + port + " twice");
            }
        }
        if (ports.isEmpty()) {
            throw new IllegalArgumentException(name + ".inboundPorts must be a list of the ports that it answers for, such as [9443]");
        }
        return ports;
    }

    private static @Nullable String path(String name, String field, Map<?, ?> fields) {
        String text = text(name, field, fields);
        if (text != null && !text.startsWith("/")) {
            throw new IllegalArgumentException(name + "." + field + " is '" + text + "' and must be an absolute path");
        }
        return text;
    }

    private static @Nullable String text(String name, String field, Map<?, ?> fields) {
        Object value = fields.get(field);
        if (value instanceof Map || value instanceof List || value != null && String.valueOf(value).isBlank()) {
            throw new IllegalArgumentException(name + "." + field + " must be text");
        }
        return value == null ? null : String.valueOf(value);
    }

    /** Two identities must share neither a port nor the directory that renewal writes to. */
    private static void refuseOverlaps(List<PortIdentity> all, String machines) {
        Map<Object, String> owners = new LinkedHashMap<>();
        owners.put(machines, "the machine's own identity");
        for (PortIdentity identity : all) {
            List<Object> taken = new ArrayList<>(identity.inboundPorts);
            if (identity.directory != null) {
                taken.add(identity.directory);
            }
            for (Object one : taken) {
                String other = owners.putIfAbsent(one, identity.name);
                if (other != null) {
                    throw new IllegalArgumentException((one instanceof Integer ? "port " : "directory ") + one + " is both " + identity.name + "'s and "
                            + other + "'s; it can have one owner");
                }
            }
        }
    }
}
