package dev.outrider.proxy.app.sidecar;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.outrider.proxy.connection.PeerExchange;
import dev.outrider.proxy.connection.PeerMetadata;
import dev.outrider.proxy.datapath.filter.PeerStruct;
import dev.outrider.xds.bootstrap.NodeIdentity;
import dev.outrider.xds.proto.envoy.config.core.v3.Node;
import dev.outrider.xds.proto.google.protobuf.Any;
import dev.outrider.xds.proto.google.protobuf.Struct;
import dev.outrider.xds.proto.google.protobuf.Value;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** This workload as its peers shall know it, from the bootstrap's node. Immutable. */
final class LocalNode implements PeerExchange {

    private static final String METADATA = "x-envoy-peer-metadata";
    private static final String ID = "x-envoy-peer-metadata-id";

    private final PeerMetadata peer;
    private final byte[] body;

    LocalNode(NodeIdentity node) {
        peer = PeerStruct.peer(node.id(), metadata(node));
        Map<String, Object> exchanged = new LinkedHashMap<>();
        Map<String, Object> own = new LinkedHashMap<>(metadata(node));
        // What a peer reads; the rest of the metadata is between us and the control plane.
        own.keySet().retainAll(Set.of("NAME", "NAMESPACE", "OWNER", "WORKLOAD_NAME", "CLUSTER_ID", "IDENTITY", "LABELS"));
        exchanged.put(METADATA, own);
        exchanged.put(ID, node.id());
        body = Any.newBuilder()
                .setTypeUrl("type.googleapis.com/google.protobuf.Struct")
                .setValue(ByteString.copyFrom(PeerStruct.struct(exchanged)))
                .build()
                .toByteArray();
    }

    PeerMetadata peer() {
        return peer;
    }

    String namespace() {
        return peer.namespace().isEmpty() ? "default" : peer.namespace();
    }

    private static Map<String, Object> metadata(NodeIdentity node) {
        try {
            return tree(Node.parseFrom(node.wire().toArray()).getMetadata());
        } catch (InvalidProtocolBufferException e) {
            return Map.of();
        }
    }

    /** Texts and structs: what Istio's peers exchange. */
    private static Map<String, Object> tree(Struct struct) {
        Map<String, Object> all = new LinkedHashMap<>();
        for (Map.Entry<String, Value> field : struct.getFieldsMap().entrySet()) {
            if (field.getValue().hasStringValue()) {
                all.put(field.getKey(), field.getValue().getStringValue());
            } else if (field.getValue().hasStructValue()) {
                all.put(field.getKey(), tree(field.getValue().getStructValue()));
            }
        }
        return all;
    }

    @Override
    public byte[] body() {
        return body.clone();
    }

    @Override
    public @Nullable PeerMetadata read(byte[] bytes) {
        try {
            Map<String, Object> sent = PeerStruct.read(Any.parseFrom(bytes).getValue().toByteArray());
            if (sent == null || !(sent.get(METADATA) instanceof Map<?, ?> tree)) {
                return null;
            }
            Map<String, Object> typed = new LinkedHashMap<>();
            tree.forEach((k, v) -> typed.put(String.valueOf(k), v));
            return PeerStruct.peer(sent.get(ID) instanceof String id ? id : "", typed);
        } catch (InvalidProtocolBufferException e) {
            return null;
        }
    }
}
