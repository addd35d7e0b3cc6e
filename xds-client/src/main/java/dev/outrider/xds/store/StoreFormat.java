package dev.outrider.xds.store;

import dev.outrider.xds.model.Bytes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/** A stored mesh as bytes: magic, format number, length and SHA-256 of the rest, and the rest deflated. Any thread. */
final class StoreFormat {

    /** Of the file, and of what it unfolds to. */
    static final int MAX_BYTES = 64 << 20;

    private static final byte[] MAGIC = "OUTRIDER".getBytes(StandardCharsets.US_ASCII);
    private static final int FORMAT = 1;
    private static final int DIGEST_BYTES = 32;
    private static final int HEAD_BYTES = MAGIC.length + Integer.BYTES + Integer.BYTES + DIGEST_BYTES;

    private StoreFormat() {}

    static byte[] write(StoredMesh mesh) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        Deflater fast = new Deflater(Deflater.BEST_SPEED);
        try (DataOutputStream out = new DataOutputStream(new DeflaterOutputStream(packed, fast))) {
            text(out, mesh.node());
            out.writeLong(mesh.saved().toEpochMilli());
            out.writeInt(mesh.versions().size());
            for (Map.Entry<String, String> version : mesh.versions().entrySet()) {
                text(out, version.getKey());
                text(out, version.getValue());
            }
            out.writeInt(mesh.resources().size());
            for (StoredMesh.Resource resource : mesh.resources()) {
                text(out, resource.typeUrl());
                text(out, resource.name());
                text(out, resource.version());
                bytes(out, resource.wire().toArray());
            }
            if (out.size() > MAX_BYTES || packed.size() > MAX_BYTES - HEAD_BYTES) {
                throw new IOException("takes more than " + MAX_BYTES + " bytes");
            }
        } finally {
            fast.end();
        }
        byte[] payload = packed.toByteArray();
        return ByteBuffer.allocate(HEAD_BYTES + payload.length)
                .put(MAGIC).putInt(FORMAT).putInt(payload.length).put(digest(payload)).put(payload)
                .array();
    }

    /** Throws with a reason that says what is wrong with the bytes. */
    static StoredMesh read(byte[] file) throws IOException {
        if (file.length < HEAD_BYTES || !Arrays.equals(file, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw new IOException("is not a stored configuration");
        }
        ByteBuffer head = ByteBuffer.wrap(file).position(MAGIC.length);
        int format = head.getInt();
        if (format != FORMAT) {
            throw new IOException("has format " + format + ", and this version reads format " + FORMAT);
        }
        int length = head.getInt();
        if (length != file.length - HEAD_BYTES) {
            throw new IOException("is truncated");
        }
        byte[] digest = new byte[DIGEST_BYTES];
        head.get(digest);
        byte[] payload = Arrays.copyOfRange(file, HEAD_BYTES, file.length);
        if (!MessageDigest.isEqual(digest, digest(payload))) {
            throw new IOException("is damaged, its checksum does not fit");
        }
        return unpack(payload);
    }

    private static StoredMesh unpack(byte[] payload) throws IOException {
        byte[] plain;
        try (InflaterInputStream inflated = new InflaterInputStream(new ByteArrayInputStream(payload))) {
            plain = inflated.readNBytes(MAX_BYTES + 1);
        }
        if (plain.length > MAX_BYTES) {
            throw new IOException("unfolds to more than " + MAX_BYTES + " bytes");
        }
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(plain));
        String node = text(in);
        Instant saved = Instant.ofEpochMilli(in.readLong());
        Map<String, String> versions = new LinkedHashMap<>();
        for (int left = in.readInt(); left > 0; left--) {
            versions.put(text(in), text(in));
        }
        List<StoredMesh.Resource> resources = new ArrayList<>();
        for (int left = in.readInt(); left > 0; left--) {
            resources.add(new StoredMesh.Resource(text(in), text(in), text(in), Bytes.wrap(bytes(in))));
        }
        return new StoredMesh(node, saved, versions, resources);
    }

    private static void text(DataOutputStream out, String text) throws IOException {
        bytes(out, text.getBytes(StandardCharsets.UTF_8));
    }

    private static void bytes(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
    }

    private static String text(DataInputStream in) throws IOException {
        return new String(bytes(in), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(DataInputStream in) throws IOException {
        int length = in.readInt();
        if (length < 0 || length > in.available()) {
            throw new IOException("is damaged, a length is beyond its end");
        }
        return in.readNBytes(length);
    }

    private static byte[] digest(byte[] payload) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(payload);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
