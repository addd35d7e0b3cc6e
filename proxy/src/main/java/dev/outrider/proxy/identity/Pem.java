package dev.outrider.proxy.identity;

import dev.outrider.xds.pem.PemBlock;
import dev.outrider.xds.pem.PrivateKeyPem;
import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Reads PEM: certificate chains, CRLs, and keys as PKCS#8, SEC 1 (EC) or PKCS#1 (RSA). Errors say what is wrong, never what the content is. */
public final class Pem {

    private static final String CERTIFICATE = "CERTIFICATE";

    private Pem() {}

    public static List<X509Certificate> certificates(byte[] pem) throws GeneralSecurityException {
        List<X509Certificate> all = new ArrayList<>();
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        try {
            for (PemBlock block : PemBlock.all(pem)) {
                if (block.label().equals(CERTIFICATE)) {
                    all.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(block.der().toArray())));
                }
            }
        } catch (CertificateException e) {
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
        return PrivateKeyPem.read(pem);
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
}
