package dev.outrider.proxy.identity.ca;

import dev.outrider.xds.pem.DerElement;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.util.Base64;
import java.util.HexFormat;

/**
 * A fresh key and the PKCS #10 request (RFC 2986) for it, in the form that Istio's agent sends: one empty O, a critical SAN with the SPIFFE
 * id alone.
 */
record SigningRequest(KeyPair keys, String csrPem, String keyPem) {

    private static final byte[] VERSION = {2, 1, 0};

    /** organizationName and an empty UTF8String. */
    private static final byte[] ORGANIZATION = HexFormat.of().parseHex("060355040a" + "0c00");

    /** extensionRequest, PKCS #9. */
    private static final byte[] EXTENSIONS = HexFormat.of().parseHex("06092a864886f70d01090e");

    /** subjectAltName and {@code critical}. */
    private static final byte[] NAMES = HexFormat.of().parseHex("0603551d11" + "0101ff");

    /** Of the request info: [0], constructed. */
    private static final int ATTRIBUTES = 0xa0;

    /** Of GeneralName: [6], primitive. */
    private static final int URI = 0x86;

    static SigningRequest make(KeyKind kind, String spiffeId) {
        KeyPair keys = kind.generate();
        byte[] info = info(keys.getPublic().getEncoded(), spiffeId);
        byte[] csr = sequence(
                info, kind.signatureDer(), DerElement.of(DerElement.BITS, new byte[1], kind.sign(keys.getPrivate(), info)));
        // PKCS #8 for every kind: the one form that all readers have.
        return new SigningRequest(keys, pem("CERTIFICATE REQUEST", csr), pem("PRIVATE KEY", keys.getPrivate().getEncoded()));
    }

    private static byte[] info(byte[] publicKey, String spiffeId) {
        byte[] names = sequence(DerElement.of(URI, spiffeId.getBytes(StandardCharsets.US_ASCII)));
        byte[] extensions = sequence(sequence(NAMES, DerElement.of(DerElement.OCTETS, names)));
        return sequence(
                VERSION,
                sequence(DerElement.of(DerElement.SET, sequence(ORGANIZATION))),
                publicKey,
                DerElement.of(ATTRIBUTES, sequence(EXTENSIONS, DerElement.of(DerElement.SET, extensions))));
    }

    private static byte[] sequence(byte[]... contents) {
        return DerElement.of(DerElement.SEQUENCE, contents);
    }

    private static String pem(String type, byte[] der) {
        String content = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + type + "-----\n" + content + "\n-----END " + type + "-----\n";
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "SigningRequest[" + csrPem.length() + "]";
    }
}
