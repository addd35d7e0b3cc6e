package dev.outrider.proxy.join;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.zip.GZIPInputStream;
import org.jspecify.annotations.Nullable;

/**
 * What an operator carries to a machine: the files that {@code istioctl x workload entry configure} writes, or those of the mesh-expansion
 * guide, in a directory or in a tar archive (also gzip'd). Other files are not looked at.
 */
record Bundle(Map<String, byte[]> files) {

    /** Every file that has a place on the machine. */
    static final Set<String> KNOWN = Set.of(
            "cluster.env", "sidecar.env", "mesh.yaml", "outrider.yaml", "istio-token", "root-cert.pem", "cert-chain.pem", "key.pem", "hosts");

    private static final int MOST_BYTES = 1 << 20;
    private static final int MOST_ENTRIES = 1_000;
    private static final int BLOCK = 512;

    static Bundle read(Path from) throws IOException {
        Map<String, byte[]> files = new LinkedHashMap<>();
        if (Files.isDirectory(from)) {
            for (String name : KNOWN) {
                Path file = from.resolve(name);
                if (Files.isRegularFile(file)) {
                    try (InputStream in = Files.newInputStream(file)) {
                        files.put(name, bounded(in, name));
                    }
                }
            }
        } else {
            try (InputStream raw = Files.newInputStream(from); InputStream in = unzipped(from, raw)) {
                readTar(in, files);
            }
        }
        return new Bundle(files);
    }

    private static InputStream unzipped(Path from, InputStream raw) throws IOException {
        String name = from.toString();
        return name.endsWith(".gz") || name.endsWith(".tgz") ? new GZIPInputStream(raw) : raw;
    }

    private static byte[] bounded(InputStream in, String name) throws IOException {
        byte[] bytes = in.readNBytes(MOST_BYTES + 1);
        if (bytes.length > MOST_BYTES) {
            throw new IOException(name + " is larger than 1 MiB: this is no bundle of a machine");
        }
        return bytes;
    }

    /** ustar (POSIX.1): regular files are taken by the last part of their name, so that nothing in the archive chooses a path. */
    private static void readTar(InputStream in, Map<String, byte[]> files) throws IOException {
        for (int entries = 0; entries < MOST_ENTRIES; entries++) {
            byte[] header = in.readNBytes(BLOCK);
            if (header.length < BLOCK || header[0] == 0) {
                return;
            }
            String path = text(header, 0, 100);
            String name = path.substring(path.lastIndexOf('/') + 1);
            long size = size(text(header, 124, 12).strip());
            boolean regular = header[156] == '0' || header[156] == 0;
            long padded = (size + BLOCK - 1) / BLOCK * BLOCK;
            if (regular && KNOWN.contains(name) && size <= MOST_BYTES) {
                files.put(name, in.readNBytes((int) size));
                in.skipNBytes(padded - size);
            } else {
                in.skipNBytes(padded);
            }
        }
        throw new IOException("the archive has more than " + MOST_ENTRIES + " entries: this is no bundle of a machine");
    }

    private static long size(String octal) throws IOException {
        try {
            return Long.parseLong(octal, 8);
        } catch (NumberFormatException e) {
            throw new IOException("not a tar archive", e);
        }
    }

    private static String text(byte[] header, int from, int length) {
        int end = from;
        while (end < from + length && header[end] != 0) {
            end++;
        }
        return new String(header, from, end - from, StandardCharsets.UTF_8);
    }

    byte @Nullable [] file(String name) {
        return files.get(name);
    }
}
