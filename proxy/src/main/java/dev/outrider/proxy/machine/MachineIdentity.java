package dev.outrider.proxy.machine;

import dev.outrider.proxy.identity.ca.CaAddress;
import dev.outrider.proxy.identity.ca.CaSettings;
import dev.outrider.proxy.identity.ca.KeyKind;
import dev.outrider.proxy.identity.credential.ExecToken;
import dev.outrider.proxy.identity.credential.FileToken;
import dev.outrider.proxy.identity.credential.MetadataToken;
import dev.outrider.proxy.identity.credential.RefreshedToken;
import dev.outrider.proxy.identity.credential.TokenSource;
import dev.outrider.proxy.identity.files.CertificateFolder;
import dev.outrider.proxy.identity.files.FileModes;
import dev.outrider.proxy.identity.workload.IdentitySettings;
import dev.outrider.proxy.machine.MachineConfig.HostPort;
import dev.outrider.proxy.machine.setting.Durations;
import dev.outrider.proxy.machine.setting.Places;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What the variables of Istio's VM agent say about this machine's identity. Unlike there, ISTIOD_SAN counts for the CA too, and a gateway's address
 * with OUTRIDER_CA_SAN needs no line in /etc/hosts. Pure, but for looking which files exist.
 */
public final class MachineIdentity {

    private static final int PLAINTEXT_PORT = 15010;

    private final Map<String, String> env;
    private final MachineConfig machine;
    private final Path root;

    private MachineIdentity(MachineConfig machine, Places places) {
        this.env = machine.environment();
        this.machine = machine;
        this.root = places.root();
    }

    /** Throws IllegalArgumentException with a line that names the variable and its accepted form. */
    public static IdentitySettings of(MachineConfig machine, Places places) {
        return new MachineIdentity(machine, places).settings();
    }

    /** The same for an identity of single ports: its own certificate, or its own token for the machine's CA. Pure. */
    public static IdentitySettings of(PortIdentity entry, MachineConfig machine, Places places) {
        return new MachineIdentity(machine, places).settings(entry);
    }

    /** Istio's ports say whether there is TLS. */
    static boolean plaintext(HostPort address) {
        return address.port() == PLAINTEXT_PORT;
    }

    private IdentitySettings settings() {
        Path workloadApi = workloadApi();
        if (workloadApi != null) {
            return new IdentitySettings(null, null, crl(), null, null, workloadApi, null, sharing(), modes(), 0.5, 0);
        }
        CertificateFolder mounted = mounted();
        CertificateFolder folder = mounted != null ? mounted : directory("PROV_CERT");
        Path roots = roots(folder);
        return new IdentitySettings(
                folder, roots, crl(),
                mounted != null ? null : ca(roots, spiffeId(machine.namespace(), machine.serviceAccount())),
                mounted != null ? null : tokens(), null,
                mounted != null ? null : directory("OUTPUT_CERTS"), sharing(), modes(),
                share("SECRET_GRACE_PERIOD_RATIO", 0.5), share("SECRET_GRACE_PERIOD_RATIO_JITTER", 0.01));
    }

    private IdentitySettings settings(PortIdentity entry) {
        CertificateFolder folder = entry.directory() == null ? null : new CertificateFolder(below(entry.directory()));
        Path roots = roots(folder);
        String token = entry.token();
        if (token == null) {
            return new IdentitySettings(folder, roots, crl(), null, null, null, null, null, modes(), 0.5, 0);
        }
        String id = spiffeId(entry.namespace() == null ? machine.namespace() : entry.namespace(), String.valueOf(entry.serviceAccount()));
        return new IdentitySettings(
                folder, roots, crl(), ca(roots, id), new FileToken(List.of(below(token)), modes()), null, folder, null, modes(),
                share("SECRET_GRACE_PERIOD_RATIO", 0.5), share("SECRET_GRACE_PERIOD_RATIO_JITTER", 0.01));
    }

    private String spiffeId(String namespace, String serviceAccount) {
        return "spiffe://" + machine.trustDomain() + "/ns/" + namespace + "/sa/" + serviceAccount;
    }

    /** Certificates that somebody else keeps fresh: the CA is not asked. */
    private @Nullable CertificateFolder mounted() {
        CertificateFolder spiffe = new CertificateFolder(root.resolve("var/run/secrets/workload-spiffe-credentials"));
        if (Files.exists(spiffe.key())) {
            return spiffe;
        }
        return switch (env.getOrDefault("FILE_MOUNTED_CERTS", "false").toLowerCase(Locale.ROOT)) {
            case "true", "1", "t" -> new CertificateFolder(machine.certificates());
            case "false", "0", "f", "" -> null;
            default -> throw new IllegalArgumentException("FILE_MOUNTED_CERTS '" + env.get("FILE_MOUNTED_CERTS") + "': must be true or false");
        };
    }

    /** Istio's start script says ./etc/certs for both: a machine that was off while its token expired comes back by its certificate. */
    private @Nullable CertificateFolder directory(String variable) {
        String text = env.getOrDefault(variable, "");
        return text.isEmpty() ? new CertificateFolder(machine.certificates()) : text.equals("none") ? null : new CertificateFolder(below(text));
    }

    /** What the packaged service tightens before it starts. */
    private FileModes modes() {
        boolean any = Set.of("true", "1", "t").contains(env.getOrDefault("OUTRIDER_ANY_FILE_MODE", "").toLowerCase(Locale.ROOT));
        return new FileModes(List.of(root.resolve("etc/certs"), root.resolve("var/run/secrets/tokens"), root.resolve("var/lib/istio/envoy")), any);
    }

    private Path roots(@Nullable CertificateFolder folder) {
        List<Path> places = new ArrayList<>();
        places.add(new CertificateFolder(machine.certificates()).roots());
        if (folder != null) {
            places.addFirst(folder.roots());
        }
        places.add(root.resolve("var/run/secrets/istio/root-cert.pem"));
        return places.stream().filter(Files::exists).findFirst().orElse(places.getFirst());
    }

    private Path crl() {
        return path("OUTRIDER_CRL", "var/run/secrets/istio/crl/ca-crl.pem");
    }

    /** The variable is SPIFFE's own. */
    private @Nullable Path workloadApi() {
        String endpoint = env.getOrDefault("SPIFFE_ENDPOINT_SOCKET", "");
        if (endpoint.isEmpty()) {
            return null;
        }
        String path = endpoint.startsWith("unix:") ? endpoint.substring(5).replaceFirst("^//", "") : endpoint;
        if (!path.startsWith("/")) {
            throw new IllegalArgumentException("SPIFFE_ENDPOINT_SOCKET '" + endpoint + "': must be unix:///path of a socket");
        }
        return below(path);
    }

    private IdentitySettings.@Nullable Sharing sharing() {
        String socket = env.getOrDefault("OUTRIDER_SDS_SOCKET", "");
        return socket.isEmpty() ? null : new IdentitySettings.Sharing(below(socket), env.getOrDefault("OUTRIDER_SDS_GROUP", ""));
    }

    private TokenSource tokens() {
        String program = env.getOrDefault("OUTRIDER_TOKEN_COMMAND", "");
        if (!program.isEmpty()) {
            try {
                return new RefreshedToken(ExecToken.of(program), Clock.systemUTC());
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException("OUTRIDER_TOKEN_COMMAND " + e.getMessage(), e);
            }
        }
        if (env.getOrDefault("CREDENTIAL_IDENTITY_PROVIDER", "").equals("GoogleComputeEngine")) {
            return new RefreshedToken(
                    MetadataToken.googleComputeEngine("http://169.254.169.254", MachineConfig.first(env, "istio-ca", "TOKEN_AUDIENCES")), Clock.systemUTC());
        }
        return new FileToken(tokenFiles(), modes());
    }

    private List<Path> tokenFiles() {
        String explicit = env.getOrDefault("OUTRIDER_TOKEN_FILE", "");
        return !explicit.isEmpty() ? List.of(below(explicit)) : List.of(
                root.resolve("var/run/secrets/tokens/istio-token"),
                // Beside cluster.env it survives a reboot, which /var/run does not.
                root.resolve("var/lib/istio/envoy/istio-token"),
                root.resolve("istio-token"));
    }

    private CaSettings ca(Path roots, String id) {
        String own = env.getOrDefault("CA_ROOT_CA", "");
        Map<String, String> headers = new LinkedHashMap<>();
        env.forEach((key, value) -> {
            if (key.startsWith("CA_HEADER_")) {
                headers.put(key.substring("CA_HEADER_".length()), value);
            }
        });
        return new CaSettings(
                addresses(), own.equals("SYSTEM") ? null : own.isEmpty() ? roots : below(own),
                id, KeyKind.of(env), Durations.parse(MachineConfig.first(env, "24h", "SECRET_TTL")), env.getOrDefault("ISTIO_META_CLUSTER_ID", ""),
                env.getOrDefault("ISTIO_META_CERT_SIGNER", ""), Map.copyOf(headers));
    }

    private List<CaAddress> addresses() {
        String explicit = env.getOrDefault("CA_ADDR", "");
        String citadel = env.getOrDefault("CITADEL_ADDRESS", "");
        if (!explicit.isEmpty()) {
            return List.of(address("CA_ADDR", explicit));
        }
        List<CaAddress> all = new ArrayList<>();
        all.add(address(machine.discovery()));
        boolean page = env.containsKey("ISTIO_CP_AUTH") && !env.containsKey("ISTIO_META_CLUSTER_ID");
        if (page || !citadel.isEmpty()) {
            // Citadel of Istio 1.1, where the page's lines in /etc/hosts lead.
            all.add(address("CITADEL_ADDRESS", citadel.isEmpty() ? "istio-citadel:8060" : citadel));
        }
        return List.copyOf(all);
    }

    private CaAddress address(String variable, String text) {
        try {
            return address(HostPort.parse(text));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(variable + ": " + e.getMessage(), e);
        }
    }

    private CaAddress address(HostPort at) {
        String given = MachineConfig.first(env, "", "OUTRIDER_CA_SAN", "ISTIOD_SAN");
        boolean name = !at.host().contains(":") && !at.host().matches("[0-9.]+");
        Set<String> names = new LinkedHashSet<>();
        if (!given.isEmpty()) {
            names.addAll(List.of(given.split(",")));
        } else {
            if (name) {
                names.add(at.host());
            }
            names.addAll(machine.discoverySans());
            names.addAll(List.of("istio-citadel", "istio-ca"));
        }
        String dns = names.stream().filter(n -> !n.contains("://")).findFirst().orElse("");
        return new CaAddress(at.host(), at.port(), plaintext(at), name && given.isEmpty() ? at.host() : dns, List.copyOf(names));
    }

    private Path path(String variable, String otherwise) {
        String text = env.getOrDefault(variable, "");
        return below(text.isEmpty() ? otherwise : text);
    }

    /** Istio's relative paths start where systemd starts units: at the root. */
    private Path below(String text) {
        Path path = Path.of(text);
        return root.resolve(path.isAbsolute() ? Path.of("/").relativize(path) : path).normalize();
    }

    private double share(String variable, double otherwise) {
        String text = env.getOrDefault(variable, "");
        if (text.isEmpty()) {
            return otherwise;
        }
        try {
            double share = Double.parseDouble(text);
            if (share >= 0 && share <= 1) {
                return share;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(variable + " '" + text + "': must be a number from 0 to 1, such as 0.5", e);
        }
        throw new IllegalArgumentException(variable + " '" + text + "': must be a number from 0 to 1, such as 0.5");
    }
}
