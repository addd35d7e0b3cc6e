package dev.outrider.proxy.datapath.filter;

import dev.outrider.proxy.connection.PeerMetadata;
import dev.outrider.proxy.connection.StreamInfo;
import dev.outrider.proxy.connection.TlsPeer;
import dev.outrider.proxy.failure.ResponseFlag;
import dev.outrider.xds.model.Metadata;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The labels of Istio's standard metrics, in their order, by Istio's rules for either reporter. Immutable. */
final class IstioLabels {

    private static final String UNKNOWN = "unknown";

    /** What a stream came to, as far as labels follow from it. */
    record Outcome(
            @Nullable PeerMetadata peer,
            String cluster,
            @Nullable Metadata clusterMetadata,
            String route,
            String host,
            String workload,
            String identity,
            String localIdentity,
            boolean grpc,
            int code,
            int grpcStatus,
            long flags) {

        /** Of few of its parts: a peer's own hash would be that of all its labels, for every request. */
        @Override
        public int hashCode() {
            int hash = (code * 31 + route.hashCode()) * 31 + host.hashCode();
            return (hash * 31 + cluster.hashCode()) * 31 + (peer == null ? 0 : peer.id().hashCode());
        }
    }

    private record Service(String host, String name, String namespace) {}

    private final PeerMetadata node;
    private final boolean inbound;

    IstioLabels(PeerMetadata node, boolean inbound) {
        this.node = node;
        this.inbound = inbound;
    }

    /** The peer as endpoint metadata names it; for where nothing was exchanged. */
    static String workload(StreamInfo info) {
        return info.upstreamHostMetadata != null && info.upstreamHostMetadata.at("istio", "workload") instanceof String text ? text : "";
    }

    /** Those of a TCP connection, which has neither code nor status. */
    Map<String, String> ofConnection(StreamInfo info) {
        PeerMetadata peer = inbound ? info.downstreamPeer : info.upstreamPeer;
        String workload = peer == null && !inbound ? workload(info) : "";
        Map<String, String> all = of(new Outcome(
                peer, info.upstreamCluster, info.upstreamClusterMetadata, "", "", workload, peerIdentity(info), localIdentity(info),
                false, 0, -1, info.flags));
        all.put("request_protocol", "tcp");
        all.remove("response_code");
        all.remove("grpc_response_status");
        return all;
    }

    /** The peer's SPIFFE id by its certificate, or "". */
    String peerIdentity(StreamInfo info) {
        TlsPeer tls = inbound ? info.connection.tls() : info.upstreamTls;
        return tls == null ? "" : tls.identity();
    }

    String localIdentity(StreamInfo info) {
        TlsPeer tls = inbound ? info.connection.tls() : info.upstreamTls;
        return tls == null ? "" : tls.localIdentity();
    }

    Map<String, String> of(Outcome o) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("reporter", inbound ? "destination" : "source");
        PeerMetadata peer = o.peer == null ? fallback(o.workload) : o.peer;
        String peerNamespace = namespace(o.identity, peer);
        String peerPrincipal = known(o.identity.isEmpty() && !inbound && peer != null ? peer.identity() : o.identity);
        if (inbound) {
            source(all, peer, peerNamespace, peerPrincipal);
            destination(all, node, node.namespace(), known(o.localIdentity));
        } else {
            source(all, node, node.namespace(), known(o.localIdentity));
            destination(all, peer, peerNamespace, peerPrincipal);
        }
        Service service = service(o);
        all.put("destination_service", known(service.host));
        all.put("destination_canonical_service", known(inbound ? node.canonicalName() : peer == null ? "" : peer.canonicalName()));
        all.put("destination_canonical_revision", revision(inbound ? node : peer));
        all.put("destination_service_name", known(service.name));
        all.put("destination_service_namespace", known(service.namespace));
        all.put("destination_cluster", known(inbound ? node.cluster() : peer == null ? "" : peer.cluster()));
        all.put("request_protocol", o.grpc ? "grpc" : "http");
        all.put("response_code", Integer.toString(o.code));
        all.put("grpc_response_status", o.grpc && o.grpcStatus >= 0 ? Integer.toString(o.grpcStatus) : "");
        all.put("response_flags", flags(o.flags));
        boolean mutual = !o.identity.isEmpty() && !o.localIdentity.isEmpty();
        all.put("connection_security_policy", !inbound ? UNKNOWN : mutual ? "mutual_tls" : "none");
        return all;
    }

    private static void source(Map<String, String> all, @Nullable PeerMetadata of, String namespace, String principal) {
        all.put("source_workload", known(of == null ? "" : of.workload()));
        all.put("source_canonical_service", known(of == null ? "" : of.canonicalName()));
        all.put("source_canonical_revision", revision(of));
        all.put("source_workload_namespace", known(namespace));
        all.put("source_principal", principal);
        all.put("source_app", known(of == null ? "" : of.app()));
        all.put("source_version", known(of == null ? "" : of.version()));
        all.put("source_cluster", known(of == null ? "" : of.cluster()));
    }

    private static void destination(Map<String, String> all, @Nullable PeerMetadata of, String namespace, String principal) {
        all.put("destination_workload", known(of == null ? "" : of.workload()));
        all.put("destination_workload_namespace", known(namespace));
        all.put("destination_principal", principal);
        all.put("destination_app", known(of == null ? "" : of.app()));
        all.put("destination_version", known(of == null ? "" : of.version()));
    }

    private static String known(String value) {
        return value.isEmpty() ? UNKNOWN : value;
    }

    private static String revision(@Nullable PeerMetadata of) {
        return of == null ? UNKNOWN : of.canonicalRevision().isEmpty() ? "latest" : of.canonicalRevision();
    }

    /** Endpoint metadata {@code workload;namespace;canonical name;canonical revision;cluster}, where nothing was exchanged. */
    private static @Nullable PeerMetadata fallback(String workload) {
        String[] part = workload.split(";", -1);
        if (part.length < 4) {
            return null;
        }
        String cluster = part.length > 4 ? part[4] : "";
        return new PeerMetadata("", "", part[1], part[0], "", cluster, "", part[2], part[3], "", "", Map.of());
    }

    /** By the certificate's {@code /ns/<namespace>/} first. */
    private static String namespace(String identity, @Nullable PeerMetadata peer) {
        int at = identity.indexOf("/ns/");
        if (at >= 0) {
            int end = identity.indexOf('/', at + 4);
            return identity.substring(at + 4, end < 0 ? identity.length() : end);
        }
        return peer == null ? "" : peer.namespace();
    }

    private Service service(Outcome o) {
        String cluster = o.cluster;
        if (o.clusterMetadata != null && o.clusterMetadata.at("istio", "services") instanceof List<?> services
                && !services.isEmpty() && services.getFirst() instanceof Map<?, ?> first) {
            return new Service(text(first.get("host")), text(first.get("name")), text(first.get("namespace")));
        }
        String name = switch (o.route) {
            case "block_all" -> "BlackHoleCluster";
            case "allow_any" -> "PassthroughCluster";
            default -> cluster.equals("BlackHoleCluster") || cluster.equals("PassthroughCluster") || cluster.equals("InboundPassthroughCluster")
                    ? cluster : "";
        };
        String host = o.host;
        if (name.isEmpty()) {
            int colon = host.lastIndexOf(':');
            name = colon < 0 || host.indexOf(']', colon) >= 0 ? host : host.substring(0, colon);
        }
        return new Service(host, name, inbound ? node.namespace() : "");
    }

    private static String text(@Nullable Object value) {
        return value == null ? "" : value.toString();
    }

    private static String flags(long flags) {
        if (flags == 0) {
            return "-";
        }
        StringBuilder text = new StringBuilder();
        for (ResponseFlag flag : ResponseFlag.values()) {
            if ((flags & flag.bit()) != 0) {
                text.append(text.isEmpty() ? "" : ",").append(flag.name());
            }
        }
        return text.toString();
    }
}
