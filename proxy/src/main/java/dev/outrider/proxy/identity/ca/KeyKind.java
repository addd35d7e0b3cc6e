package dev.outrider.proxy.identity.ca;

import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.HexFormat;
import java.util.Map;

/** Kinds of workload keys. RSA below 2048 bits is not among them. */
public enum KeyKind {
    P256("SHA256withECDSA", "300a06082a8648ce3d040302"),
    P384("SHA384withECDSA", "300a06082a8648ce3d040303"),
    RSA_2048("SHA256withRSA", "300d06092a864886f70d01010b0500"),
    RSA_4096("SHA256withRSA", "300d06092a864886f70d01010b0500");

    private static final String VARIABLES = "ECC_SIGNATURE_ALGORITHM, ECC_CURVE, WORKLOAD_RSA_KEY_SIZE";

    private final String signature;
    private final String signatureDer;

    /** {@code signatureDer}: the AlgorithmIdentifier of the same. */
    KeyKind(String signature, String signatureDer) {
        this.signature = signature;
        this.signatureDer = signatureDer;
    }

    byte[] signatureDer() {
        return HexFormat.of().parseHex(signatureDer);
    }

    byte[] sign(PrivateKey key, byte[] content) {
        try {
            Signature signer = Signature.getInstance(signature);
            signer.initSign(key);
            signer.update(content);
            return signer.sign();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM cannot sign with " + this + " keys", e);
        }
    }

    /**
     * As Istio's variables say; without any of them P-256. An RSA size that is given counts, unless ECDSA is asked for by name. Throws
     * IllegalArgumentException that names the variable and its forms.
     */
    public static KeyKind of(Map<String, String> environment) {
        String algorithm = environment.getOrDefault("ECC_SIGNATURE_ALGORITHM", "");
        String curve = environment.getOrDefault("ECC_CURVE", "");
        String rsa = environment.getOrDefault("WORKLOAD_RSA_KEY_SIZE", "");
        if (!algorithm.isEmpty() && !algorithm.equals("ECDSA")) {
            throw new IllegalArgumentException("ECC_SIGNATURE_ALGORITHM '" + algorithm + "': must be ECDSA or empty");
        }
        if (algorithm.isEmpty() && !rsa.isEmpty()) {
            return switch (rsa) {
                case "2048" -> RSA_2048;
                case "4096" -> RSA_4096;
                default -> throw new IllegalArgumentException("WORKLOAD_RSA_KEY_SIZE '" + rsa + "': must be 2048 or 4096 (see also " + VARIABLES + ")");
            };
        }
        return switch (curve) {
            case "", "P256" -> P256;
            case "P384" -> P384;
            default -> throw new IllegalArgumentException("ECC_CURVE '" + curve + "': must be P256 or P384");
        };
    }

    KeyPair generate() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance(this == P256 || this == P384 ? "EC" : "RSA");
            switch (this) {
                case P256 -> generator.initialize(new ECGenParameterSpec("secp256r1"));
                case P384 -> generator.initialize(new ECGenParameterSpec("secp384r1"));
                case RSA_2048 -> generator.initialize(2048);
                case RSA_4096 -> generator.initialize(4096);
            }
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM cannot make " + this + " keys", e);
        }
    }
}
