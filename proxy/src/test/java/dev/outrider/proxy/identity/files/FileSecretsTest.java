package dev.outrider.proxy.identity.files;

import dev.outrider.proxy.identity.TestCertificates;
import dev.outrider.xds.model.Secret;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

class FileSecretsTest {

    private static final String PAIR = "file-cert:client/tls.crt~client/tls.key";

    @TempDir
    private Path root;

    private final TestCertificates authority = new TestCertificates();
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor();
    private final BlockingQueue<Secret> given = new LinkedBlockingQueue<>();

    private FileSecrets secrets() {
        return new FileSecrets(root, new FileModes(List.of(), false), thread);
    }

    @AfterEach
    void stop() {
        thread.shutdownNow();
    }

    private void write(Secret.Certificate pair) throws Exception {
        Path folder = Files.createDirectories(root.resolve("client"));
        replace(folder.resolve("tls.crt"), pair.chainPem().toArray());
        replace(folder.resolve("tls.key"), pair.keyPem().toArray());
    }

    private static void replace(Path file, byte[] content) throws Exception {
        Path next = file.resolveSibling(file.getFileName() + ".next");
        Files.write(next, content);
        Files.setPosixFilePermissions(next, PosixFilePermissions.fromString("rw-------"));
        Files.move(next, file, StandardCopyOption.REPLACE_EXISTING);
    }

    private Secret next() throws InterruptedException {
        Secret secret = given.poll(30, TimeUnit.SECONDS);
        assertNotNull(secret, "no secret came");
        return secret;
    }

    @Test
    void namesOfFilesAreServedAndNoOthers() {
        assertTrue(secrets().serves(PAIR));
        assertTrue(secrets().serves("file-root:system"));
        assertFalse(secrets().serves("default"));
        assertFalse(secrets().serves("kubernetes://credential"));
    }

    @Test
    void aPairIsReadAndReadAgainWhenItIsReplaced() throws Exception {
        Secret.Certificate first = authority.leaf("spiffe://cluster.local/ns/a/sa/one");
        write(first);
        assertEquals(first, secrets().now(PAIR));
        try (AutoCloseable unused = secrets().watch(PAIR, given::add)) {
            assertEquals(first, next());
            Secret.Certificate second = authority.leaf("spiffe://cluster.local/ns/a/sa/two");
            write(second);
            assertEquals(second, next());
        }
    }

    @Test
    void aKeyThatDoesNotFitLeavesTheLastGoodPairInForce() throws Exception {
        Secret.Certificate good = authority.leaf("spiffe://cluster.local/ns/a/sa/one");
        write(good);
        try (AutoCloseable unused = secrets().watch(PAIR, given::add)) {
            assertEquals(good, next());
            Secret.Certificate other = authority.leaf("spiffe://cluster.local/ns/a/sa/two");
            write(new Secret.Certificate(good.chainPem(), other.keyPem(), null, null));
            assertNull(secrets().now(PAIR));
            write(other);
            assertEquals(other, next(), "and nothing of the pair between");
        }
    }

    @Test
    void aKeyThatOthersCanReadIsRefusedUntilItsModeIsMended() throws Exception {
        Secret.Certificate pair = authority.leaf("spiffe://cluster.local/ns/a/sa/one");
        write(pair);
        Path key = root.resolve("client/tls.key");
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r--r--"));
        assertNull(secrets().now(PAIR));
        try (AutoCloseable unused = secrets().watch(PAIR, given::add)) {
            Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
            assertEquals(pair, next());
        }
    }

    @Test
    void rootsComeFromAFileOrFromTheSystem() throws Exception {
        Files.writeString(root.resolve("ca.crt"), authority.rootPem());
        Secret.Validation own = assertInstanceOf(Secret.Validation.class, secrets().now("file-root:ca.crt"));
        assertEquals(authority.rootPem(), new String(own.trustedCaPem().toArray(), StandardCharsets.US_ASCII));
        Secret.Validation system = assertInstanceOf(Secret.Validation.class, secrets().now("file-root:system"));
        assertTrue(system.systemRoots());
    }

    @Test
    void whatIsNoSecretIsNone() throws Exception {
        Files.writeString(root.resolve("ca.crt"), "no certificate");
        for (String name : List.of("file-root:ca.crt", "file-root:absent", "file-cert:only-one", "file-cert:a~b~c", "file-root:\0")) {
            assertNull(secrets().now(name), name);
        }
    }
}
