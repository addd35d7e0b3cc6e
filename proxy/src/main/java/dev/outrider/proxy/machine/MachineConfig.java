package dev.outrider.proxy.machine;

import dev.outrider.proxy.machine.setting.EffectiveSettings;
import dev.outrider.proxy.machine.setting.Places;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * This machine's place in the mesh.
 *
 * @param environment what the operator's files say together, by variable name
 * @param discovery host and port of the control plane
 * @param discoverySans names of which the control plane's certificate must carry one
 * @param addresses of the machine, the one that the mesh knows first
 * @param certificates directory with root-cert.pem, cert-chain.pem and key.pem
 * @param warnings lines for the log
 */
public record MachineConfig(
        Map<String, String> environment,
        HostPort discovery,
        List<String> discoverySans,
        List<String> addresses,
        String name,
        String namespace,
        String serviceAccount,
        String trustDomain,
        Map<String, Object> metadata,
        Path certificates,
        boolean dnsCapture,
        List<String> warnings) {

    public record HostPort(String host, int port) {

        /** {@code host:port}, {@code [v6]:port}. Throws IllegalArgumentException with the text. */
        public static HostPort parse(String text) {
            int colon = text.lastIndexOf(':');
            String host = colon < 0 ? "" : text.substring(0, colon);
            if (host.startsWith("[") && host.endsWith("]")) {
                host = host.substring(1, host.length() - 1);
            }
            try {
                int port = Integer.parseInt(text.substring(colon + 1));
                if (!host.isEmpty() && port > 0 && port < 65536) {
                    return new HostPort(host, port);
                }
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("'" + text + "' is not an address such as istiod.istio-system.svc:15012", e);
            }
            throw new IllegalArgumentException("'" + text + "' is not an address such as istiod.istio-system.svc:15012");
        }
    }

    /** Reads the files. Errors (each names file, line and what was expected) are thrown together, nothing is half applied. */
    public static MachineConfig read(Places places, List<String> localAddresses, String hostName) throws InvalidMachineConfig {
        EffectiveSettings settings = EffectiveSettings.read(places);
        List<String> errors = new ArrayList<>(settings.errors());
        Map<String, String> env = settings.environment();
        if (env.isEmpty() && errors.isEmpty()) {
            errors.add(places.clusterEnv() + ": is missing or empty; copy the cluster.env that was made for this machine there");
        }
        HostPort discovery = new HostPort("", 0);
        try {
            discovery = HostPort.parse(discoveryAddress(env));
        } catch (IllegalArgumentException e) {
            errors.add("control plane address: " + e.getMessage());
        }
        if (!errors.isEmpty()) {
            throw new InvalidMachineConfig(errors);
        }
        return of(env, places, discovery, localAddresses, hostName);
    }

    private static MachineConfig of(
            Map<String, String> env, Places places, HostPort discovery, List<String> localAddresses, String hostName) {
        List<String> addresses = new ArrayList<>(localAddresses);
        String own = env.getOrDefault("ISTIO_SVC_IP", "");
        if (!own.isEmpty()) {
            addresses.remove(own);
            addresses.addFirst(own);
        }
        String namespace = first(env, "default", "POD_NAMESPACE", "ISTIO_NAMESPACE");
        String trustDomain = first(env, "cluster.local", "TRUST_DOMAIN");
        String system = first(env, "istio-system", "ISTIO_SYSTEM_NAMESPACE");
        List<String> sans = new ArrayList<>();
        if (env.containsKey("PILOT_SAN")) {
            sans.addAll(List.of(env.get("PILOT_SAN").split(",")));
        } else {
            sans.add(discovery.host());
            sans.add("istiod." + system + ".svc");
            sans.add("spiffe://" + trustDomain + "/ns/" + system + "/sa/istio-pilot-service-account");
        }
        return new MachineConfig(
                Map.copyOf(env), discovery, List.copyOf(sans), List.copyOf(addresses),
                first(env, hostName, "POD_NAME"), namespace, first(env, "default", "SERVICE_ACCOUNT"), trustDomain,
                NodeMetadata.of(env, addresses, namespace, first(env, hostName, "POD_NAME"),
                        ProxyConfigTree.of(places.meshConfig(), env.getOrDefault(EffectiveSettings.PROXY_CONFIG, ""), env.getOrDefault(MachineProbe.VARIABLE, ""))),
                env.containsKey("OUTRIDER_CERTS") ? Path.of(env.get("OUTRIDER_CERTS")) : places.certificates(), !"false".equals(env.getOrDefault("ISTIO_META_DNS_CAPTURE", "true")), List.of());
    }

    private static String discoveryAddress(Map<String, String> env) {
        String explicit = env.getOrDefault("PILOT_ADDRESS", "");
        if (!explicit.isEmpty()) {
            return explicit;
        }
        String system = first(env, "istio-system", "ISTIO_SYSTEM_NAMESPACE");
        boolean pageStyle = env.containsKey("ISTIO_CP_AUTH") || !env.containsKey("ISTIO_META_CLUSTER_ID");
        String port = first(env, "15012", "ISTIO_PILOT_PORT");
        return (pageStyle ? "istio-pilot." + system : "istiod." + system + ".svc") + ":" + port;
    }

    static String first(Map<String, String> env, String otherwise, String... keys) {
        for (String key : keys) {
            String value = env.getOrDefault(key, "");
            if (!value.isEmpty()) {
                return value;
            }
        }
        return otherwise;
    }

    /** Lines for the operator. */
    public static final class InvalidMachineConfig extends Exception {
        private static final long serialVersionUID = 1L;

        InvalidMachineConfig(List<String> errors) {
            super(String.join("\n", errors), null, false, false);
        }
    }
}
