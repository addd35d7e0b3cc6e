package dev.outrider.proxy.identity;

import dev.outrider.xds.model.Secret;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.util.List;

/** A certificate chain and its key, read and checked to belong together. */
public record KeyPairFiles(List<X509Certificate> chain, PrivateKey key) {

    public static KeyPairFiles of(Secret.Certificate secret) throws GeneralSecurityException {
        List<X509Certificate> chain = named("certificate chain", () -> Pem.certificates(secret.chainPem().toArray()));
        PrivateKey key = named("private key", () -> Pem.key(secret.keyPem().toArray()));
        if (!belongs(chain.getFirst(), key)) {
            throw new GeneralSecurityException("the private key does not belong to the certificate");
        }
        return new KeyPairFiles(chain, key);
    }

    public X509Certificate leaf() {
        return chain.getFirst();
    }

    public X509Certificate[] chainArray() {
        return chain.toArray(X509Certificate[]::new);
    }

    private static boolean belongs(X509Certificate leaf, PrivateKey key) throws GeneralSecurityException {
        String algorithm = switch (key.getAlgorithm()) {
            case "EC", "ECDSA" -> "SHA256withECDSA";
            case "RSA" -> "SHA256withRSA";
            default -> throw new GeneralSecurityException("private keys of kind " + key.getAlgorithm() + " are not supported (use EC P-256 or RSA)");
        };
        byte[] probe = {1, 2, 3};
        Signature sign = Signature.getInstance(algorithm);
        sign.initSign(key);
        sign.update(probe);
        Signature verify = Signature.getInstance(algorithm);
        try {
            verify.initVerify(leaf.getPublicKey());
            verify.update(probe);
            return verify.verify(sign.sign());
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    private interface Reading<T> {
        T read() throws GeneralSecurityException;
    }

    private static <T> T named(String what, Reading<T> reading) throws GeneralSecurityException {
        try {
            return reading.read();
        } catch (GeneralSecurityException e) {
            throw new GeneralSecurityException("the " + what + " " + e.getMessage(), e);
        }
    }
}
