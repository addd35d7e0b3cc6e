package dev.outrider.proxy.identity;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x9.X9ObjectIdentifiers;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;

/** Reads PEM: certificate chains, CRLs, and keys as PKCS#8, SEC 1 (EC) or PKCS#1 (RSA). Errors say what is wrong, never what the content is. */
public final class Pem {

    private static final int MAX_BYTES = 4 << 20;

    private Pem() {}

    public static List<X509Certificate> certificates(byte[] pem) throws GeneralSecurityException {
        List<X509Certificate> all = new ArrayList<>();
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        try (PEMParser parser = parser(pem)) {
            for (Object object = parser.readObject(); object != null; object = parser.readObject()) {
                if (object instanceof X509CertificateHolder holder) {
                    all.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(holder.getEncoded())));
                }
            }
        } catch (IOException | IllegalArgumentException | IllegalStateException e) {
            throw new GeneralSecurityException("is not a readable PEM certificate chain", e);
        }
        if (all.isEmpty()) {
            throw new GeneralSecurityException("holds no PEM certificate");
        }
        return all;
    }

    public static List<X509CRL> crls(byte[] pem) throws GeneralSecurityException {
        List<X509CRL> all = new ArrayList<>();
        CertificateFactory.getInstance("X.509").generateCRLs(new ByteArrayInputStream(pem)).forEach(crl -> all.add((X509CRL) crl));
        return all;
    }

    public static PrivateKey key(byte[] pem) throws GeneralSecurityException {
        try (PEMParser parser = parser(pem)) {
            for (Object object = parser.readObject(); object != null; object = parser.readObject()) {
                if (object instanceof PEMKeyPair pair) {
                    return key(pair.getPrivateKeyInfo());
                }
                if (object instanceof PrivateKeyInfo info) {
                    return key(info);
                }
            }
        } catch (IOException | IllegalArgumentException | IllegalStateException e) {
            throw new GeneralSecurityException("is not a readable PEM private key", e);
        }
        throw new GeneralSecurityException("holds no unencrypted PEM private key");
    }

    private static PrivateKey key(PrivateKeyInfo info) throws GeneralSecurityException, IOException {
        ASN1ObjectIdentifier algorithm = info.getPrivateKeyAlgorithm().getAlgorithm();
        String name = algorithm.equals(X9ObjectIdentifiers.id_ecPublicKey) ? "EC" : algorithm.equals(PKCSObjectIdentifiers.rsaEncryption) ? "RSA" : "";
        if (name.isEmpty()) {
            throw new GeneralSecurityException("holds a private key of a kind that is not supported (use EC P-256 or RSA)");
        }
        return KeyFactory.getInstance(name).generatePrivate(new PKCS8EncodedKeySpec(info.getEncoded()));
    }

    /** The certificates one after the other, each line ended by a newline. */
    public static String text(List<X509Certificate> certificates) {
        StringBuilder all = new StringBuilder();
        Base64.Encoder lines = Base64.getMimeEncoder(64, new byte[] {'\n'});
        for (X509Certificate certificate : certificates) {
            try {
                all.append("-----BEGIN CERTIFICATE-----\n").append(lines.encodeToString(certificate.getEncoded())).append("\n-----END CERTIFICATE-----\n");
            } catch (CertificateEncodingException e) {
                throw new IllegalStateException("a parsed certificate has no encoding", e);
            }
        }
        return all.toString();
    }

    private static PEMParser parser(byte[] pem) throws GeneralSecurityException {
        if (pem.length > MAX_BYTES) {
            throw new GeneralSecurityException("is larger than 4 MiB");
        }
        return new PEMParser(new InputStreamReader(new ByteArrayInputStream(pem), StandardCharsets.ISO_8859_1));
    }
}
