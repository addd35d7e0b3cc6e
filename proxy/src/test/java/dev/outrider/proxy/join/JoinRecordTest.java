package dev.outrider.proxy.join;

import dev.outrider.xds.model.Bytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What joining changes, and that leaving undoes exactly that. */
class JoinRecordTest {

    @TempDir
    private Path root;

    private JoinRecord record;

    @BeforeEach
    void machine() throws IOException {
        Files.createDirectories(root.resolve("etc"));
        Files.writeString(root.resolve("etc/hosts"), "127.0.0.1 localhost\n");
        record = new JoinRecord(root);
    }

    private void join(Map<String, String> files, String gateway) throws IOException {
        Map<String, byte[]> bytes = new LinkedHashMap<>();
        files.forEach((name, text) -> bytes.put(name, text.getBytes(UTF_8)));
        for (Placement placement : Placement.of(new Bundle(bytes), root, gateway)) {
            record.place(placement, null);
        }
    }

    private String mode(String path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve(path)));
    }

    @Test
    void everyFileHasItsPlaceAndSecretsAreForOneUser() throws Exception {
        join(Map.of("cluster.env", "A=b\n", "key.pem", "key", "istio-token", "a.b.c", "root-cert.pem", "root"), "10.0.0.9");
        assertEquals("A=b\n", Files.readString(root.resolve("var/lib/istio/envoy/cluster.env")));
        assertEquals("rw-------", mode("etc/certs/key.pem"));
        assertEquals("rw-------", mode("var/lib/istio/envoy/istio-token"));
        assertEquals("rw-r--r--", mode("etc/certs/root-cert.pem"));
        String hosts = Files.readString(root.resolve("etc/hosts"));
        assertTrue(hosts.startsWith("127.0.0.1 localhost\n" + Placement.HOSTS_BEGIN + "\n10.0.0.9 istio-citadel istio-pilot"), hosts);
    }

    @Test
    void leavingPutsBackWhatWasThereAndTakesAwayWhatWasNot() throws Exception {
        Files.createDirectories(root.resolve("etc/istio/config"));
        Files.writeString(root.resolve("etc/istio/config/mesh"), "before");
        join(Map.of("mesh.yaml", "joined", "key.pem", "key"), "10.0.0.9");
        // A second join must not take the first one's files for the operator's.
        join(Map.of("mesh.yaml", "joined again", "key.pem", "other"), "10.0.0.10");
        Files.writeString(root.resolve("etc/hosts"), Files.readString(root.resolve("etc/hosts")) + "192.0.2.1 added.since\n");
        Files.writeString(root.resolve("etc/certs/cert-chain.pem"), "issued since");
        record.undo();
        assertEquals("before", Files.readString(root.resolve("etc/istio/config/mesh")));
        assertFalse(Files.exists(root.resolve("etc/certs")), "with the certificates that were issued since");
        assertEquals("127.0.0.1 localhost\n192.0.2.1 added.since\n", Files.readString(root.resolve("etc/hosts")));
        assertFalse(Files.exists(root.resolve("var/lib/outrider-join")));
        assertFalse(record.exists());
    }

    @Test
    void aDirectoryWithSomebodysFilesStays() throws Exception {
        join(Map.of("key.pem", "key"), null);
        Files.writeString(root.resolve("etc/certs/notes.txt"), "mine");
        List<String> said = record.undo();
        assertTrue(Files.exists(root.resolve("etc/certs/notes.txt")));
        assertTrue(said.contains("left " + root.resolve("etc/certs") + ", which is not empty"), said.toString());
    }

    @Test
    void whatSomebodyElseHasRemovedIsNoErrorOnLeaving() throws Exception {
        record.place(new Placement(root.resolve("etc/new/file"), Bytes.utf8("x"), false, "rw-r--r--"), null);
        Files.delete(root.resolve("etc/new/file"));
        assertEquals(List.of("removed " + root.resolve("etc/new")), record.undo());
    }

    @Test
    void aBundleMayBeAnArchiveAndNothingInItChoosesAPath() throws Exception {
        Path tree = Files.createDirectories(root.resolve("bundle/sub"));
        Files.writeString(tree.resolve("cluster.env"), "A=b\n");
        Files.writeString(tree.resolve("passwd"), "root::0:0");
        Path archive = root.resolve("bundle.tar.gz");
        assertEquals(0, new ProcessBuilder("tar", "-C", root.resolve("bundle").toString(), "-czf", archive.toString(), "sub").start().waitFor());
        Bundle bundle = Bundle.read(archive);
        assertEquals(Set.of("cluster.env"), bundle.files().keySet());
        assertEquals(List.of(root.resolve("var/lib/istio/envoy/cluster.env")), Placement.of(bundle, root, null).stream().map(Placement::target).toList());
    }
}
