package dev.outrider.proxy.datapath.filter;

import dev.outrider.proxy.connection.PeerMetadata;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Istio's peer metadata on the wire: base64 of a google.protobuf.Struct of strings and one struct of labels, serialised deterministically
 * (keys sorted). Written by hand: the data path knows no protobuf library. Hostile input ends in null. Pure.
 */
public final class PeerStruct {

    /** Peers' headers are small; what is larger is not read. */
    private static final int LIMIT = 16 * 1024;
    private static final int DEPTH = 8;

    private PeerStruct() {}

    // ---- writing

    /** The value of x-envoy-peer-metadata. */
    public static String encode(PeerMetadata peer) {
        return Base64.getEncoder().encodeToString(struct(tree(peer)));
    }

    private static Map<String, Object> tree(PeerMetadata peer) {
        Map<String, Object> tree = new TreeMap<>();
        put(tree, "NAME", peer.name());
        put(tree, "NAMESPACE", peer.namespace());
        put(tree, "OWNER", peer.owner());
        put(tree, "WORKLOAD_NAME", peer.workload());
        put(tree, "CLUSTER_ID", peer.cluster());
        put(tree, "IDENTITY", peer.identity());
        Map<String, Object> labels = new TreeMap<>(peer.labels());
        put(labels, "app", peer.app());
        put(labels, "version", peer.version());
        put(labels, "service.istio.io/canonical-name", peer.canonicalName());
        put(labels, "service.istio.io/canonical-revision", peer.canonicalRevision());
        if (!labels.isEmpty()) {
            tree.put("LABELS", labels);
        }
        return tree;
    }

    private static void put(Map<String, Object> tree, String key, String value) {
        if (!value.isEmpty()) {
            tree.put(key, value);
        }
    }

    /** Serialises a Struct of strings and nested maps. */
    public static byte[] struct(Map<String, ?> tree) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (Map.Entry<String, ?> entry : new TreeMap<>(tree).entrySet()) {
            ByteArrayOutputStream field = new ByteArrayOutputStream();
            bytes(field, 1, entry.getKey().getBytes(StandardCharsets.UTF_8));
            ByteArrayOutputStream value = new ByteArrayOutputStream();
            if (entry.getValue() instanceof Map<?, ?> map) {
                Map<String, Object> nested = new TreeMap<>();
                map.forEach((k, v) -> nested.put(String.valueOf(k), v));
                bytes(value, 5, struct(nested));
            } else {
                bytes(value, 3, String.valueOf(entry.getValue()).getBytes(StandardCharsets.UTF_8));
            }
            bytes(field, 2, value.toByteArray());
            bytes(out, 1, field.toByteArray());
        }
        return out.toByteArray();
    }

    private static void bytes(ByteArrayOutputStream out, int field, byte[] value) {
        out.write(field << 3 | 2);
        int length = value.length;
        while (length > 0x7f) {
            out.write(length & 0x7f | 0x80);
            length >>>= 7;
        }
        out.write(length);
        out.writeBytes(value);
    }

    // ---- reading

    /** Null for what is not such a value. */
    public static @Nullable PeerMetadata decode(String id, String base64) {
        if (base64.length() > LIMIT) {
            return null;
        }
        try {
            byte[] bytes = Base64.getDecoder().decode(base64);
            Map<String, Object> tree = new Reader(bytes, 0, bytes.length).struct(DEPTH);
            return peer(id, tree);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            return null;
        }
    }

    /** Reads a Struct; null for what is none. */
    public static @Nullable Map<String, Object> read(byte[] bytes) {
        try {
            return new Reader(bytes, 0, bytes.length).struct(DEPTH);
        } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
            return null;
        }
    }

    /** What the fields of a peer's struct say. */
    public static PeerMetadata peer(String id, Map<String, Object> tree) {
        Map<String, String> labels = new LinkedHashMap<>();
        if (tree.get("LABELS") instanceof Map<?, ?> map) {
            map.forEach((k, v) -> labels.put(String.valueOf(k), String.valueOf(v)));
        }
        String owner = text(tree, "OWNER");
        String workload = text(tree, "WORKLOAD_NAME");
        if (workload.isEmpty() && !owner.isEmpty()) {
            workload = owner.substring(owner.lastIndexOf('/') + 1);
        }
        String app = labels.getOrDefault("app.kubernetes.io/name", labels.getOrDefault("app", ""));
        String canonical = labels.getOrDefault("service.istio.io/canonical-name", app.isEmpty() ? workload : app);
        String version = labels.getOrDefault("app.kubernetes.io/version", labels.getOrDefault("version", ""));
        String revision = labels.getOrDefault("service.istio.io/canonical-revision", version.isEmpty() ? "latest" : version);
        return new PeerMetadata(id, text(tree, "NAME"), text(tree, "NAMESPACE"), workload, owner, text(tree, "CLUSTER_ID"),
                text(tree, "IDENTITY"), canonical, revision, labels.getOrDefault("app", app), labels.getOrDefault("version", version),
                Map.copyOf(labels));
    }

    private static String text(Map<String, Object> tree, String key) {
        return tree.get(key) instanceof String text ? text : "";
    }

    /** A cursor over one message. Throws IllegalArgumentException or IndexOutOfBoundsException for malformed input. */
    private static final class Reader {
        private final byte[] bytes;
        private final int end;
        private int at;

        Reader(byte[] bytes, int from, int end) {
            this.bytes = bytes;
            this.end = end;
            at = from;
        }

        Map<String, Object> struct(int depth) {
            Map<String, Object> tree = new LinkedHashMap<>();
            while (at < end) {
                int tag = (int) varint();
                if (tag == (1 << 3 | 2)) {
                    entry(message(), depth, tree);
                } else {
                    skip(tag);
                }
            }
            return tree;
        }

        private static void entry(Reader in, int depth, Map<String, Object> tree) {
            String key = "";
            Object value = "";
            while (in.at < in.end) {
                int tag = (int) in.varint();
                if (tag == (1 << 3 | 2)) {
                    key = in.string();
                } else if (tag == (2 << 3 | 2)) {
                    value = value(in.message(), depth);
                } else {
                    in.skip(tag);
                }
            }
            tree.put(key, value);
        }

        private static Object value(Reader in, int depth) {
            Object value = "";
            while (in.at < in.end) {
                int tag = (int) in.varint();
                switch (tag) {
                    case 3 << 3 | 2 -> value = in.string();
                    case 4 << 3 -> value = in.varint() != 0;
                    case 5 << 3 | 2 -> {
                        if (depth == 0) {
                            throw new IllegalArgumentException("nested too deeply");
                        }
                        value = in.message().struct(depth - 1);
                    }
                    default -> in.skip(tag);
                }
            }
            return value;
        }

        private long varint() {
            long value = 0;
            for (int shift = 0; shift < 64; shift += 7) {
                if (at >= end) {
                    throw new IllegalArgumentException("cut off");
                }
                byte b = bytes[at++];
                value |= (long) (b & 0x7f) << shift;
                if (b >= 0) {
                    return value;
                }
            }
            throw new IllegalArgumentException("number too long");
        }

        private int length() {
            long length = varint();
            if (length < 0 || length > end - at) {
                throw new IllegalArgumentException("cut off");
            }
            return (int) length;
        }

        private Reader message() {
            int length = length();
            Reader inner = new Reader(bytes, at, at + length);
            at += length;
            return inner;
        }

        private String string() {
            int length = length();
            String text = new String(bytes, at, length, StandardCharsets.UTF_8);
            at += length;
            return text;
        }

        private void skip(int tag) {
            int step = switch (tag & 7) {
                case 0 -> {
                    varint();
                    yield 0;
                }
                case 1 -> 8;
                case 2 -> length();
                case 5 -> 4;
                default -> throw new IllegalArgumentException("unknown wire type");
            };
            if (step > end - at) {
                throw new IllegalArgumentException("cut off");
            }
            at += step;
        }
    }
}
