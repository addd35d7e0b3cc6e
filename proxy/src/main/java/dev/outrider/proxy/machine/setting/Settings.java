package dev.outrider.proxy.machine.setting;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The catalog: all that can be set, in the order in which the sample file explains it. */
public final class Settings {

    private static final List<Setting> ALL = List.of(
            of("controlPlane.address", "PILOT_ADDRESS", Form.HOST_PORT, "", "The control plane, by name or address. Without it: istiod.istio-system.svc:15012, "
                    + "or istio-pilot.istio-system:15012 with the mesh-expansion page's cluster.env."),
            of("controlPlane.names", "PILOT_SAN", Form.NAMES, "", "Names (DNS or spiffe://) of which its certificate must carry one; with an address instead of a name above, say them here."),
            of("controlPlane.namespace", "ISTIO_SYSTEM_NAMESPACE", Form.TEXT, "istio-system", "Where the control plane lives."),
            of("controlPlane.port", "ISTIO_PILOT_PORT", Form.PORT, "15012", "Its port, when only the namespace is known."),
            of("controlPlane.onReject", "OUTRIDER_ON_REJECT", Form.choice("keep", "close"), "keep", "A listener whose update was refused keeps its last version, or takes no more connections."),

            of("workload.name", "POD_NAME", Form.TEXT, "", "This machine's name in the mesh; without it, the first label of the host name."),
            of("workload.namespace", List.of("POD_NAMESPACE", "ISTIO_NAMESPACE"), Form.TEXT, "default", "Its namespace."),
            of("workload.service", "ISTIO_SERVICE", Form.TEXT, "", "The workload or group that it belongs to."),
            of("workload.serviceAccount", "SERVICE_ACCOUNT", Form.TEXT, "default", "Its service account: the last part of its SPIFFE identity."),
            of("workload.address", "ISTIO_SVC_IP", Form.ADDRESS, "", "The address under which the mesh reaches it; without it, the first of its interfaces."),
            of("workload.trustDomain", "TRUST_DOMAIN", Form.TEXT, "cluster.local", "The mesh's trust domain."),
            of("workload.cluster", "ISTIO_META_CLUSTER_ID", Form.TEXT, "", "The cluster that it counts as part of."),
            of("workload.network", "ISTIO_META_NETWORK", Form.TEXT, "", "Its network; another one than the pods' sends traffic through the east-west gateway."),
            of("workload.mesh", "ISTIO_META_MESH_ID", Form.TEXT, "", "The mesh's id."),
            of("workload.group", "ISTIO_META_AUTO_REGISTER_GROUP", Form.TEXT, "", "The WorkloadGroup in which the control plane registers it by itself."),
            of("workload.probe", "OUTRIDER_READINESS_PROBE", Form.OBJECT, "{}", "How the control plane learns whether this machine's service is well, as WorkloadGroup has it: "
                    + "{httpGet: {path: /health, port: 8080}, periodSeconds: 5}; also tcpSocket, grpc and exec. Without it mesh.yaml's readinessProbe. Needs a group."),
            of("workload.labels", "ISTIO_METAJSON_LABELS", Form.OBJECT, "{}", "Labels, a map."),
            of("workload.canonicalService", "CANONICAL_SERVICE", Form.TEXT, "", "The service that telemetry names."),
            of("workload.canonicalRevision", "CANONICAL_REVISION", Form.TEXT, "", "Its revision."),

            of("interception.mode", "ISTIO_INBOUND_INTERCEPTION_MODE", Form.choice("REDIRECT", "TPROXY"), "REDIRECT", "How inbound connections are taken; TPROXY keeps the client's address."),
            of("interception.serviceRanges", "ISTIO_SERVICE_CIDR", Form.RANGES_OR_ALL, "", "Destinations that go through the mesh; '*' for all, nothing for none."),
            of("interception.excludeRanges", "ISTIO_SERVICE_EXCLUDE_CIDR", Form.RANGES, "", "Destinations that never do."),
            of("interception.outboundPorts", "ISTIO_OUTBOUND_PORTS", Form.PORTS, "", "Destination ports that go through the mesh whatever the address."),
            of("interception.excludeOutboundPorts", "ISTIO_LOCAL_OUTBOUND_PORTS_EXCLUDE", Form.PORTS, "", "Destination ports that never do."),
            of("interception.inboundPorts", "ISTIO_INBOUND_PORTS", Form.PORTS_OR_ALL, "", "This machine's ports that the mesh serves; '*' for all."),
            of("interception.excludeInboundPorts", List.of("ISTIO_LOCAL_EXCLUDE_PORTS", "ISTIO_INBOUND_EXCLUDE_PORTS"), Form.PORTS, "",
                    "Ports that it never does. SSH, DHCP, NTP and the sidecar's own are never taken, named or not."),
            of("interception.excludeInterfaces", "ISTIO_EXCLUDE_INTERFACES", Form.NAMES, "", "Interfaces whose traffic is left alone."),
            of("interception.virtualInterfaces", "KUBE_VIRT_INTERFACES", Form.NAMES, "", "Interfaces of containers or virtual machines on this host whose traffic counts as outbound."),
            of("interception.user", "ENVOY_USER", Form.TEXT, "istio-proxy", "The user whose own connections go direct."),
            of("interception.excludeUsers", "PROXY_UID", Form.IDS, "", "User ids whose connections go direct, in place of that user's."),
            of("interception.excludeGroups", "PROXY_GID", Form.IDS, "", "Group ids, likewise."),
            of("interception.onlyGroups", "ISTIO_OUTBOUND_OWNER_GROUPS", Form.IDS_OR_ALL, "*", "Only these groups' connections are taken."),
            of("interception.exceptGroups", "ISTIO_OUTBOUND_OWNER_GROUPS_EXCLUDE", Form.IDS, "", "These groups' are not."),
            of("interception.dualStack", List.of("ISTIO_DUAL_STACK", "DUAL_STACK"), Form.FLAG, "false", "Take IPv6 too on a machine that has both; the mesh must be dual-stack."),
            of("interception.dropInvalid", List.of("DROP_INVALID", "INVALID_DROP"), Form.FLAG, "false", "Drop packets that connection tracking calls invalid."),
            of("interception.onStop", "OUTRIDER_ON_STOP", Form.choice("open", "closed", "keep"), "open", "What becomes of taken traffic when the sidecar is stopped "
                    + "(not while it restarts): it goes direct (open), new connections are refused until 'outrider intercept remove' or the next start (closed), or the rules stay as they "
                    + "are with nobody behind them, those for names too (keep). A boot begins open."),

            of("certificates.directory", "OUTRIDER_CERTS", Form.PATH, "/etc/certs", "Where root-cert.pem is, and cert-chain.pem and key.pem when the operator provides them."),
            of("certificates.rootFile", "CA_ROOT_CA", Form.PATH_OR_SYSTEM, "", "What the authority's own certificate chains to, when not to root-cert.pem; SYSTEM for the host's roots."),
            of("certificates.authority", "CA_ADDR", Form.HOST_PORT, "", "The mesh's certificate authority; without it the control plane, and with the mesh-expansion page's "
                    + "cluster.env then istio-citadel:8060."),
            of("certificates.authorityNames", List.of("OUTRIDER_CA_SAN", "ISTIOD_SAN"), Form.NAMES, "", "Names of which its certificate must carry one; the first is also the SNI "
                    + "name when the authority is given by address, so that a gateway can route by it."),
            of("certificates.token", "OUTRIDER_TOKEN_FILE", Form.PATH, "", "The bearer token, read at each use; without it /var/run/secrets/tokens/istio-token or istio-token beside cluster.env."),
            of("certificates.tokenCommand", "OUTRIDER_TOKEN_COMMAND", Form.TEXT, "", "A program that prints the token, absolute path and arguments; asked again when half of a token's life is over."),
            of("certificates.tokenProvider", "CREDENTIAL_IDENTITY_PROVIDER", Form.choice("GoogleComputeEngine"), "", "The cloud whose metadata server gives the token."),
            of("certificates.workloadApi", "SPIFFE_ENDPOINT_SOCKET", Form.TEXT, "", "A SPIFFE Workload API, unix:///path, that gives the certificates in place of files and authority."),
            of("certificates.shareAt", "OUTRIDER_SDS_SOCKET", Form.PATH, "", "A socket at which other programs of this user get key and certificate by Envoy's secret discovery service; "
                    + "Istio's agent has it at /var/run/secrets/workload-spiffe-uds/socket."),
            of("certificates.shareWithGroup", "OUTRIDER_SDS_GROUP", Form.TEXT, "", "A group whose members may do so too."),
            of("certificates.fromOperator", "FILE_MOUNTED_CERTS", Form.FLAG, "false", "The operator keeps the files fresh: no authority is asked."),
            of("certificates.start", "PROV_CERT", Form.PATH_OR_NONE, "", "Where the certificate to begin with is, when not in the directory above."),
            of("certificates.output", "OUTPUT_CERTS", Form.PATH_OR_NONE, "", "Where issued keys and certificates are written, 0600; without it, the directory above, so that a machine that was "
                    + "off comes back without a new token. none keeps them in memory."),
            of("certificates.anyFileMode", "OUTRIDER_ANY_FILE_MODE", Form.FLAG, "false", "Take keys and tokens that other users can read, in places that the service does not tighten."),
            of("certificates.identities", "OUTRIDER_IDENTITIES", Form.OBJECT, "{}", "Inbound ports of this machine that other service accounts answer for, by a name of your choice: "
                    + "{payments: {inboundPorts: [9443], directory: /etc/certs/payments}} with key.pem (0600, the service user's) and cert-chain.pem there, root-cert.pem too if it is not the machine's; or "
                    + "{payments: {inboundPorts: [9443], serviceAccount: payments, token: /var/run/secrets/tokens/payments}} to have them signed by the authority (namespace: another than "
                    + "the machine's; directory: keep them there). While one has no certificate its ports refuse TLS, never showing the machine's own certificate. Connections that leave "
                    + "the machine carry the machine's own identity, whichever program opens them."),
            of("certificates.lifetime", "SECRET_TTL", Form.DURATION, "24h", "The life that is asked for."),
            of("certificates.grace", "SECRET_GRACE_PERIOD_RATIO", Form.SHARE, "0.5", "The part of it that is left when the next one is asked for."),
            of("certificates.graceJitter", "SECRET_GRACE_PERIOD_RATIO_JITTER", Form.SHARE, "0.01", "That moment, give or take this part of the life."),
            of("certificates.keyAlgorithm", "ECC_SIGNATURE_ALGORITHM", Form.choice("ECDSA"), "ECDSA", "Keys are ECDSA unless an RSA size is given."),
            of("certificates.curve", "ECC_CURVE", Form.choice("P256", "P384"), "P256", "Their curve."),
            of("certificates.rsaBits", "WORKLOAD_RSA_KEY_SIZE", Form.choice("2048", "4096"), "", "RSA keys of this size in place of ECDSA."),
            of("certificates.revoked", "OUTRIDER_CRL", Form.PATH, "/var/run/secrets/istio/crl/ca-crl.pem", "Certificate revocation lists; the file need not exist."),

            of("dns.enabled", List.of("ISTIO_META_DNS_CAPTURE", "REDIRECT_DNS"), Form.FLAG, "true", "Answer the mesh's names on this machine."),
            of("dns.captureAll", "CAPTURE_ALL_DNS", Form.FLAG, "false", "Take queries to every server, not only to those of resolv.conf."),
            of("dns.adapter", "OUTRIDER_DNS_ADAPTER", Form.choice("redirect", "resolved-link", "resolved-dropin", "resolvconf", "none"), "redirect", "How the host's programs reach the shim."),
            of("dns.listen", "OUTRIDER_DNS_LISTEN", Form.HOST_PORTS, "127.0.0.1:15053", "Its sockets, each UDP and TCP."),
            of("dns.upstream", "OUTRIDER_DNS_UPSTREAM", Form.SERVERS, "", "Resolvers for all other names; without them, the host's."),
            of("dns.forward", "OUTRIDER_DNS_FORWARD", Form.LINES, "", "Zones with resolvers of their own, each 'zone=server' or 'zone=server,server'."),
            of("dns.zones", "OUTRIDER_DNS_ZONES", Form.NAMES, "", "Further zones that are the mesh's: a name in them that is not known does not exist."),
            of("dns.records", "OUTRIDER_DNS_RECORDS", Form.LINES, "", "Records answered here in place of lines in /etc/hosts, each 'name TYPE value': A, AAAA, CNAME or TXT."),
            of("dns.clusterDomain", "OUTRIDER_CLUSTER_DOMAIN", Form.TEXT, "cluster.local", "The cluster's domain: names below its 'svc' are the mesh's."),
            of("dns.ttl", "OUTRIDER_DNS_TTL", Form.DURATION, "30s", "Time to live of the mesh's names."),
            of("dns.singleLabels", "OUTRIDER_DNS_SEARCH", Form.FLAG, "false", "Let resolved send names of one label, by a search domain of its own."),
            of("dns.allow", "OUTRIDER_DNS_ALLOW", Form.RANGES, "", "Who may ask on a socket that is not on loopback."),

            of("ports.status", "OUTRIDER_STATUS_PORT", Form.PORT, "15020", "Health, and metrics of Outrider and the applications."),
            of("ports.health", "ENVOY_STATUS_PORT", Form.PORT, "15021", "Health, for load balancers."),
            of("ports.metrics", "ENVOY_PROMETHEUS_PORT", Form.PORT, "15090", "The proxy's own metrics."),
            of("ports.explicit", "OUTRIDER_EXPLICIT_PORT", Form.PORT, "", "Takes SOCKS5 and HTTP CONNECT on 127.0.0.1, for programs whose connections are not captured (no root, no rules): "
                    + "curl -x socks5h://127.0.0.1:15081 http://productpage:9080/. Whoever may connect there speaks with this machine's identity. "
                    + "A target that refuses shows as a closed connection. Off unless given."),
            of("ports.services", "OUTRIDER_SERVICE_RANGE", Form.LOOPBACK_RANGE, "", "Gives each service of the mesh an address of this range, with listeners at its ports that lead to it as if the "
                    + "connection had been captured: curl productpage:9080 without root and rules, where programs ask dns.listen for names (dns.enabled), which then "
                    + "answers these addresses. Ports below 1024 need net.ipv4.ip_unprivileged_port_start. Off unless given."),
            of("ports.localOnly", "METRICS_LOCALHOST_ACCESS_ONLY", Form.FLAG, "false", "Serve metrics to this machine alone; health stays open."),
            of("ports.annotations", "ISTIO_PROMETHEUS_ANNOTATIONS", Form.OBJECT, "{}", "The same as Istio's agent has it: scrape, port, path, targets."),
            of("ports.applicationMetrics", "OUTRIDER_APPLICATION_METRICS", Form.URLS, "", "Where applications on this machine have metrics, such as http://127.0.0.1:9102/metrics: merged on the status port."),

            of("proxy.concurrency", "OUTRIDER_CONCURRENCY", Form.NUMBER, "2", "Data event loops; 0 for one a processor."),
            of("proxy.drainTime", "OUTRIDER_DRAIN_TIME", Form.DURATION, "45s", "Bound on draining; at exit the smaller of this and 5 s."),
            of("proxy.logLevel", "OUTRIDER_LOG_LEVEL", Form.choice("trace", "debug", "info", "warning", "error", "critical", "off"), "info", "What is logged."),
            of("proxy.logFiles", "OUTRIDER_LOG_FILES", Form.choice("guide", "always", "never"), "guide", "Whether logs go to /var/log/istio/istio.log, and warnings to istio.err.log, as well as to "
                    + "the journal; guide: where cluster.env is the mesh-expansion page's (it has ISTIO_CP_AUTH), as istio.service and outrider.service are one unit."),
            of("proxy.state", "OUTRIDER_STATE", Form.PATH, "/var/lib/outrider/state", "Where the last accepted configuration is kept, without private keys."));

    private static final Map<String, Setting> BY_PATH = new LinkedHashMap<>();
    private static final Map<String, Setting> BY_VARIABLE = new HashMap<>();

    static {
        for (Setting setting : ALL) {
            BY_PATH.put(setting.path(), setting);
            setting.variables().forEach(variable -> BY_VARIABLE.put(variable, setting));
        }
    }

    private Settings() {}

    public static List<Setting> all() {
        return ALL;
    }

    static Optional<Setting> byPath(String path) {
        return Optional.ofNullable(BY_PATH.get(path));
    }

    static Optional<Setting> byVariable(String variable) {
        return Optional.ofNullable(BY_VARIABLE.get(variable));
    }

    /** Whether settings lie below this path. */
    static boolean isSection(String path) {
        return BY_PATH.keySet().stream().anyMatch(known -> known.startsWith(path + "."));
    }

    private static Setting of(String path, String variable, Form form, String fallback, String text) {
        return of(path, List.of(variable), form, fallback, text);
    }

    private static Setting of(String path, List<String> variables, Form form, String fallback, String text) {
        return new Setting(path, variables, form, fallback, text);
    }
}
