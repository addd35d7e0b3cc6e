package dev.outrider.xds.pem;

import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.interfaces.ECPrivateKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** The EC texts are what {@code openssl ecparam -name prime256v1 -genkey} and {@code openssl pkcs8} wrote, made for this test. */
class PrivateKeyPemTest {

    private static final String SEC1 = """
            -----BEGIN EC PARAMETERS-----
            BggqhkjOPQMBBw==
            -----END EC PARAMETERS-----
            -----BEGIN EC PRIVATE KEY-----
            MHcCAQEEIJ8xHBZlpZla2ilQTUoleOaMhwtlvzOtSn+v4Tn/E65xoAoGCCqGSM49
            AwEHoUQDQgAEtkjmP9Ah1337TSOm2Damfrfn4ThxwT8lvF/Xd4qguxfKJ9f9KOfB
            to0beczPPDMTN6joyqdN5EGw65xvoGmIUw==
            -----END EC PRIVATE KEY-----
            """;
    private static final String PKCS8 = """
            -----BEGIN PRIVATE KEY-----
            MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgnzEcFmWlmVraKVBN
            SiV45oyHC2W/M61Kf6/hOf8TrnGhRANCAAS2SOY/0CHXfftNI6bYNqZ+t+fhOHHB
            PyW8X9d3iqC7F8on1/0o58G2jRt5zM88MxM3qOjKp03kQbDrnG+gaYhT
            -----END PRIVATE KEY-----
            """;

    private static PrivateKey read(String pem) throws GeneralSecurityException {
        return PrivateKeyPem.read(pem.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Test
    void theSameEcKeyInBothForms() throws GeneralSecurityException {
        assertEquals(secret(PKCS8), secret("some text before\n" + SEC1));
    }

    private static BigInteger secret(String pem) throws GeneralSecurityException {
        return assertInstanceOf(ECPrivateKey.class, read(pem)).getS();
    }

    @Test
    void rsaInBothForms() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(1024);
        byte[] pkcs8 = generator.generateKeyPair().getPrivate().getEncoded();
        // The inner key is the last element: SEQUENCE { INTEGER 0, SEQUENCE { OID, NULL }, OCTET STRING key }, all lengths in two bytes.
        byte[] inner = Arrays.copyOfRange(pkcs8, 4 + 3 + 15 + 4, pkcs8.length);
        assertArrayEquals(pkcs8, read(pem("PRIVATE KEY", pkcs8)).getEncoded());
        assertArrayEquals(pkcs8, read(pem("RSA PRIVATE KEY", inner)).getEncoded());
    }

    private static String pem(String label, byte[] der) {
        return "-----BEGIN " + label + "-----\r\n" + Base64.getMimeEncoder().encodeToString(der) + "\r\n-----END " + label + "-----\r\n";
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----",
        "-----BEGIN EC PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,3AA5\n\nu8GF\n-----END EC PRIVATE KEY-----",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED PRIVATE KEY-----"
    })
    void noUsableKey(String pem) {
        assertEquals("holds no unencrypted PEM private key", assertThrows(GeneralSecurityException.class, () -> read(pem)).getMessage());
    }

    @Test
    void aKindThatMeshesDoNotUse() {
        String ed25519 = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEINWtVZkNA1kZq99Xv+tfWtcxCJsYRQiJptT0vzORRMdL\n-----END PRIVATE KEY-----";
        String message = String.valueOf(assertThrows(GeneralSecurityException.class, () -> read(ed25519)).getMessage());
        assertTrue(message.contains("use EC P-256 or RSA"), message);
    }

    @Test
    void aBlockWithoutEnd() {
        String message = String.valueOf(assertThrows(GeneralSecurityException.class, () -> read(PKCS8.substring(0, 100))).getMessage());
        assertTrue(message.contains("cut off"), message);
    }

    @Test
    void damagedKeysAreErrorsOfTheirOwnKind() {
        Random random = new Random(25);
        byte[] der = Base64.getMimeDecoder().decode(SEC1.substring(SEC1.indexOf("MHc"), SEC1.lastIndexOf("-----END")));
        for (int i = 0; i < 2000; i++) {
            byte[] damaged = Arrays.copyOf(der, 1 + random.nextInt(der.length));
            damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            try {
                assertEquals("EC", read(pem("EC PRIVATE KEY", damaged)).getAlgorithm());
            } catch (GeneralSecurityException e) {
                assertTrue(e.getMessage() != null, "an error without a message");
            }
        }
    }
}
