package dev.outrider.proxy.identity.files;

import dev.outrider.proxy.identity.KeyPairFiles;
import dev.outrider.xds.model.Bytes;
import dev.outrider.xds.model.Secret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A directory with key.pem, cert-chain.pem and root-cert.pem, Istio's names. */
public record CertificateFolder(Path directory) {

    private static final int MAX_BYTES = 4 << 20;
    private static final String NEXT = ".next";

    public Path key() {
        return directory.resolve("key.pem");
    }

    public Path chain() {
        return directory.resolve("cert-chain.pem");
    }

    public Path roots() {
        return directory.resolve("root-cert.pem");
    }

    public List<Path> pair() {
        return List.of(key(), chain());
    }

    /** Null when neither file is there. Throws with a line that names the file at fault. */
    public Secret.@Nullable Certificate read() throws GeneralSecurityException {
        boolean key = Files.exists(key());
        boolean chain = Files.exists(chain());
        if (!key && !chain) {
            return null;
        }
        if (!key || !chain) {
            throw new GeneralSecurityException((key ? chain() : key()) + " is missing beside " + (key ? key() : chain()));
        }
        Bytes keyPem = bytes(key());
        Secret.Certificate pair = new Secret.Certificate(bytes(chain()), keyPem, null, null);
        try {
            KeyPairFiles.of(pair);
            return pair;
        } catch (GeneralSecurityException e) {
            Secret.Certificate finished = interrupted(keyPem);
            if (finished != null) {
                return finished;
            }
            throw new GeneralSecurityException(directory + ": " + e.getMessage(), e);
        }
    }

    /** The pair of a {@link #write} that ended between its two renames. */
    private Secret.@Nullable Certificate interrupted(Bytes keyPem) {
        Path next = next(chain());
        if (!Files.exists(next)) {
            return null;
        }
        try {
            Secret.Certificate pair = new Secret.Certificate(bytes(next), keyPem, null, null);
            KeyPairFiles.of(pair);
            return pair;
        } catch (GeneralSecurityException e) {
            return null;
        }
    }

    private static Path next(Path file) {
        return file.resolveSibling(file.getFileName() + NEXT);
    }

    /** Throws with a line that names the file. */
    public static Bytes bytes(Path file) throws GeneralSecurityException {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new GeneralSecurityException(file + " is larger than 4 MiB: this is no certificate or key");
            }
            return Bytes.wrap(Files.readAllBytes(file));
        } catch (IOException e) {
            throw new GeneralSecurityException(file + " cannot be read by this user (" + e.getClass().getSimpleName()
                    + "): chown it to the user that Outrider runs as", e);
        }
    }

    /** Readable by this user alone; each file whole or not at all, and the pair too as far as {@link #read} is concerned. */
    public void write(Secret.Certificate pair, String rootsPem) throws IOException {
        Path key = staged(key(), pair.keyPem().toArray());
        Path chain = staged(chain(), pair.chainPem().toArray());
        Files.move(key, key(), StandardCopyOption.ATOMIC_MOVE);
        Files.move(chain, chain(), StandardCopyOption.ATOMIC_MOVE);
        byte[] roots = rootsPem.getBytes(StandardCharsets.US_ASCII);
        if (!Files.exists(roots()) || !Arrays.equals(Files.readAllBytes(roots()), roots)) {
            Files.move(staged(roots(), roots), roots(), StandardCopyOption.ATOMIC_MOVE);
        }
    }

    private static Path staged(Path file, byte[] content) throws IOException {
        Path next = next(file);
        Files.deleteIfExists(next);
        Files.createFile(next, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(next, content, StandardOpenOption.WRITE, StandardOpenOption.SYNC);
        return next;
    }
}
