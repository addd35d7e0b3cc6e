package dev.outrider.proxy.machine;

import dev.outrider.proxy.identity.ca.CaSettings;
import dev.outrider.proxy.identity.workload.IdentitySettings;
import dev.outrider.proxy.machine.setting.EffectiveSettings;
import dev.outrider.proxy.machine.setting.Places;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class PortIdentityTest {

    @TempDir
    private Path root;

    private Places places(String identities) throws IOException {
        Files.createDirectories(root.resolve("etc/outrider"));
        Files.writeString(root.resolve("etc/outrider/outrider.yaml"), """
                controlPlane: {address: 10.0.0.1:15012}
                workload: {namespace: vm}
                certificates:
                  identities: %s
                """.formatted(identities));
        return new Places(root);
    }

    private List<PortIdentity> read(String identities) throws IOException {
        EffectiveSettings settings = EffectiveSettings.read(places(identities));
        assertEquals(List.of(), settings.errors());
        return PortIdentity.all(settings);
    }

    private IdentitySettings identity(String identities) throws Exception {
        Places places = places(identities);
        return MachineIdentity.of(read(identities).getFirst(), MachineConfig.read(places, List.of("10.0.0.9"), "vm-1"), places);
    }

    @Test
    void nobodyAsksForOne() throws Exception {
        assertEquals(List.of(), read("{}"));
    }

    @Test
    void anOperatorsCertificateIsWatchedAndNobodyIsAsked() throws Exception {
        IdentitySettings identity = identity("{pay: {inboundPorts: [9443, 80], directory: /etc/certs/pay}}");
        assertEquals(root.resolve("etc/certs/pay/key.pem"), given(identity.folder()).key());
        assertNull(identity.ca());
        assertNull(identity.output());
        assertEquals(Set.of(80, 9443), read("{pay: {inboundPorts: [9443, 80], directory: /etc/certs/pay}}").getFirst().inboundPorts());
    }

    @Test
    void aTokenAsksForItsServiceAccountAndNeverForTheMachines() throws Exception {
        IdentitySettings identity = identity("{pay: {inboundPorts: [9443], serviceAccount: pay, namespace: shop, token: /run/pay}}");
        CaSettings ca = given(identity.ca());
        assertEquals("spiffe://cluster.local/ns/shop/sa/pay", ca.spiffeId());
        assertEquals(List.of(root.resolve("run/pay")), given(identity.tokens()).files());
        assertNull(identity.folder(), "the machine's certificate would authenticate it as the machine");
    }

    private static <T> T given(@Nullable T value) {
        assertNotNull(value);
        return value;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
        "{Pay: {inboundPorts: [1], directory: /a}}|'Pay' cannot name an identity",
        "{default: {inboundPorts: [1], directory: /a}}|'default' cannot name an identity",
        "{pay: 9443}|pay must be a map",
        "{pay: {inboundPorts: [1], directory: /a, uids: [7]}}|pay.uids is no field",
        "{pay: {directory: /a}}|pay.inboundPorts must be a list",
        "{pay: {inboundPorts: [70000], directory: /a}}|each must be a port",
        "{pay: {inboundPorts: [1, 1], directory: /a}}|has 1 twice",
        "{pay: {inboundPorts: [1], directory: a}}|must be an absolute path",
        "{pay: {inboundPorts: [1]}}|pay needs a directory",
        "{pay: {inboundPorts: [1], token: /t}}|go together",
        "{pay: {inboundPorts: [1], directory: /a, serviceAccount: pay}}|go together",
        "{pay: {inboundPorts: [1, 2], directory: /a}, ledger: {inboundPorts: [2], directory: /b}}|port 2 is both ledger's and pay's",
        "{pay: {inboundPorts: [1], directory: /a}, ledger: {inboundPorts: [2], directory: /a}}|directory /a is both ledger's and pay's",
        "{pay: {inboundPorts: [1], directory: /etc/certs}}|directory /etc/certs is both pay's and the machine's own identity's",
    })
    void aWrongEntryIsNamedWithFileAndLine(String identities, String problem) throws IOException {
        EffectiveSettings settings = EffectiveSettings.read(places(identities));
        String message = String.valueOf(assertThrows(IllegalArgumentException.class, () -> PortIdentity.all(settings)).getMessage());
        assertTrue(message.contains("outrider.yaml:4: certificates.identities: "), message);
        assertTrue(message.contains(problem), message);
    }
}
