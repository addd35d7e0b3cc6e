package dev.outrider.xds.store;

import dev.outrider.xds.LogProbe;
import dev.outrider.xds.model.Bytes;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsCertificate;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

class MeshStoreTest {

    private static final String CLUSTER = "type.googleapis.com/envoy.config.cluster.v3.Cluster";

    @TempDir
    private Path directory;

    private static StoredMesh mesh(Cluster... clusters) {
        return new StoredMesh("vm", Instant.ofEpochMilli(1), Map.of(CLUSTER, "7"), Arrays.stream(clusters)
                .map(one -> new StoredMesh.Resource(CLUSTER, one.getName(), "7", Bytes.wrap(one.toByteArray()))).toList());
    }

    private static Cluster cluster(String name, DataSource key) {
        UpstreamTlsContext tls = UpstreamTlsContext.newBuilder()
                .setCommonTlsContext(CommonTlsContext.newBuilder().addTlsCertificates(TlsCertificate.newBuilder().setPrivateKey(key)))
                .build();
        return Cluster.newBuilder().setName(name)
                .setTransportSocket(TransportSocket.newBuilder().setName("tls").setTypedConfig(com.google.protobuf.Any.pack(tls)))
                .build();
    }

    private void save(StoredMesh mesh) {
        try (MeshStore store = new MeshStore(directory)) {
            store.save(mesh);
        }
    }

    private StoredMesh load() {
        try (MeshStore store = new MeshStore(directory)) {
            return store.load().join();
        }
    }

    private Path file() {
        return directory.resolve("mesh.lkg");
    }

    @Test
    void givesBackWhatItWasGiven() throws IOException {
        StoredMesh mesh = mesh(Cluster.newBuilder().setName("a").build(), Cluster.newBuilder().setName("b").setAltStatName("c").build());
        save(mesh);
        assertEquals(mesh, load());
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file())));
        try (Stream<Path> files = Files.list(directory)) {
            assertEquals(List.of(file()), files.toList());
        }
    }

    @Test
    void keepsNoKeyButTheNameOfItsFile() {
        Cluster plain = Cluster.newBuilder().setName("plain").build();
        Cluster byFile = cluster("by-file", DataSource.newBuilder().setFilename("/etc/certs/key.pem").build());
        save(mesh(plain, byFile, cluster("inline", DataSource.newBuilder().setInlineString("-----BEGIN PRIVATE KEY-----").build())));
        assertEquals(mesh(plain, byFile), load());
    }

    @Test
    void nothingIsNothing() {
        assertNull(load());
    }

    static Stream<Arguments> damages() {
        return Stream.of(
                damage("is not a stored configuration", bytes -> "something else".getBytes(java.nio.charset.StandardCharsets.US_ASCII)),
                damage("is not a stored configuration", bytes -> new byte[0]),
                damage("is truncated", bytes -> Arrays.copyOf(bytes, bytes.length - 1)),
                damage("is truncated", bytes -> Arrays.copyOf(bytes, bytes.length + 1)),
                damage("has format 2", bytes -> flipped(bytes, 11, 3)),
                damage("is damaged", bytes -> flipped(bytes, 20, 1)),
                damage("is damaged", bytes -> flipped(bytes, bytes.length - 1, 1)));
    }

    private static Arguments damage(String reason, UnaryOperator<byte[]> how) {
        return Arguments.of(reason, how);
    }

    private static byte[] flipped(byte[] bytes, int at, int bits) {
        byte[] other = bytes.clone();
        other[at] ^= (byte) bits;
        return other;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("damages")
    void aDamagedFileIsNamedOnceAndIgnored(String reason, UnaryOperator<byte[]> damage) throws Exception {
        save(mesh(Cluster.newBuilder().setName("a").build()));
        Files.write(file(), damage.apply(Files.readAllBytes(file())));
        try (LogProbe log = new LogProbe(MeshStore.class)) {
            assertNull(load());
            assertFalse(log.await(reason).isEmpty());
            assertEquals(0, log.size());
        }
    }

    /** The directory's place is taken by a file. */
    @Test
    void aDirectoryThatCannotBeUsedCostsOneLine() throws Exception {
        Path taken = Files.createFile(directory.resolve("taken"));
        try (LogProbe log = new LogProbe(MeshStore.class); MeshStore store = new MeshStore(taken)) {
            store.save(mesh());
            log.await("a restart without the control plane will serve nothing");
            store.save(mesh());
            store.close();
            assertEquals(0, log.size());
        }
    }
}
