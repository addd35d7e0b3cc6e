package dev.outrider.xds.ads;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Istio writes RSA keys in PKCS #1 unless told otherwise; Netty alone reads PKCS #8 (RFC 5208). */
final class PrivateKeyPem {

    private static final String BEGIN = "-----BEGIN RSA PRIVATE KEY-----";
    private static final String END = "-----END RSA PRIVATE KEY-----";

    /** INTEGER 0, then SEQUENCE { OID rsaEncryption, NULL }. */
    private static final byte[] RSA_HEADER = {
        2, 1, 0, 0x30, 13, 6, 9, 0x2a, (byte) 0x86, 0x48, (byte) 0x86, (byte) 0xf7, 13, 1, 1, 1, 5, 0
    };

    private PrivateKeyPem() {}

    /** The same key in PKCS #8; what is not RSA in PKCS #1 is returned as it is. */
    static byte[] pkcs8(byte[] pem) {
        String text = new String(pem, StandardCharsets.US_ASCII);
        int begin = text.indexOf(BEGIN);
        int end = text.indexOf(END);
        if (begin < 0 || end < begin) {
            return pem;
        }
        byte[] key = Base64.getMimeDecoder().decode(text.substring(begin + BEGIN.length(), end));
        ByteArrayOutputStream inner = new ByteArrayOutputStream(key.length + 32);
        inner.writeBytes(RSA_HEADER);
        element(4, key, inner);
        ByteArrayOutputStream outer = new ByteArrayOutputStream(key.length + 40);
        element(0x30, inner.toByteArray(), outer);
        return ("-----BEGIN PRIVATE KEY-----\n" + Base64.getMimeEncoder().encodeToString(outer.toByteArray())
                + "\n-----END PRIVATE KEY-----\n").getBytes(StandardCharsets.US_ASCII);
    }

    private static void element(int tag, byte[] content, ByteArrayOutputStream out) {
        out.write(tag);
        if (content.length < 128) {
            out.write(content.length);
        } else if (content.length < 256) {
            out.write(0x81);
            out.write(content.length);
        } else {
            out.write(0x82);
            out.write(content.length >> 8);
            out.write(content.length);
        }
        out.writeBytes(content);
    }
}
