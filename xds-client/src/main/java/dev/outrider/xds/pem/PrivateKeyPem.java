package dev.outrider.xds.pem;

import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A private key as PKCS #8 (RFC 5208), SEC 1 (EC, RFC 5915) or PKCS #1 (RSA, RFC 8017: what Istio writes unless told otherwise). The JDK
 * reads the first; the others are put into its frame. Any thread.
 */
public final class PrivateKeyPem {

    private static final int OID = 6;
    /** The curve inside an EC key, RFC 5915: [0], constructed. */
    private static final int EC_PARAMETERS = 0xa0;

    private static final byte[] VERSION = {2, 1, 0};
    private static final byte[] RSA = HexFormat.of().parseHex("300d06092a864886f70d0101010500");
    private static final byte[] EC = HexFormat.of().parseHex("06072a8648ce3d0201");

    private PrivateKeyPem() {}

    /** The first private key of the text. */
    public static PrivateKey read(byte[] pem) throws GeneralSecurityException {
        for (PemBlock block : PemBlock.all(pem)) {
            switch (block.label()) {
                case "PRIVATE KEY" -> {
                    return key(block.der().toArray());
                }
                case "RSA PRIVATE KEY" -> {
                    return key(framed(RSA, unencrypted(block)));
                }
                case "EC PRIVATE KEY" -> {
                    byte[] key = unencrypted(block);
                    return key(framed(DerElement.of(DerElement.SEQUENCE, EC, curve(key)), key));
                }
                default -> { }
            }
        }
        throw new GeneralSecurityException("holds no unencrypted PEM private key");
    }

    private static byte[] unencrypted(PemBlock block) throws GeneralSecurityException {
        if (block.der().length() == 0) {
            throw new GeneralSecurityException("holds no unencrypted PEM private key");
        }
        return block.der().toArray();
    }

    private static PrivateKey key(byte[] pkcs8) throws GeneralSecurityException {
        Der info = Der.of(pkcs8).enter(DerElement.SEQUENCE).skip().enter(DerElement.SEQUENCE);
        String oid = HexFormat.of().formatHex(info.element(OID));
        String algorithm = switch (oid) {
            case "06072a8648ce3d0201" -> "EC";
            case "06092a864886f70d010101" -> "RSA";
            default -> throw new GeneralSecurityException("holds a private key of a kind that is not supported (use EC P-256 or RSA)");
        };
        return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
    }

    /** The curve that the key names: version, secret, [0] curve, [1] public key. */
    private static byte[] curve(byte[] key) throws GeneralSecurityException {
        return Der.of(key).enter(DerElement.SEQUENCE).skip().skip().enter(EC_PARAMETERS).element(OID);
    }

    private static byte[] framed(byte[] algorithm, byte[] key) {
        return DerElement.of(DerElement.SEQUENCE, VERSION, algorithm, DerElement.of(DerElement.OCTETS, key));
    }

    /** A place among DER elements (X.690); leaving the bytes it was given is an error. */
    private static final class Der {

        private final byte[] bytes;
        private final int from;
        private final int to;

        private Der(byte[] bytes, int from, int to) {
            this.bytes = bytes;
            this.from = from;
            this.to = to;
        }

        static Der of(byte[] bytes) {
            return new Der(bytes, 0, bytes.length);
        }

        private int contentStart() throws GeneralSecurityException {
            int first = at(from + 1);
            return from + 2 + (first < 0x80 ? 0 : first & 0x7f);
        }

        private int end() throws GeneralSecurityException {
            int start = contentStart();
            int length = at(from + 1);
            if (length >= 0x80) {
                length = 0;
                for (int i = from + 2; i < start; i++) {
                    length = length << 8 | at(i);
                }
            }
            if (length < 0 || length > to - start) {
                throw malformed();
            }
            return start + length;
        }

        private int at(int index) throws GeneralSecurityException {
            if (index >= to) {
                throw malformed();
            }
            return bytes[index] & 0xff;
        }

        Der enter(int tag) throws GeneralSecurityException {
            require(tag);
            return new Der(bytes, contentStart(), end());
        }

        Der skip() throws GeneralSecurityException {
            return new Der(bytes, end(), to);
        }

        /** The whole of it, with tag and length. */
        byte[] element(int tag) throws GeneralSecurityException {
            require(tag);
            return Arrays.copyOfRange(bytes, from, end());
        }

        private void require(int tag) throws GeneralSecurityException {
            if (at(from) != tag) {
                throw malformed();
            }
        }

        private static GeneralSecurityException malformed() {
            return new GeneralSecurityException("is not a readable PEM private key");
        }
    }
}
