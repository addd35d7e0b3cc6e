package dev.outrider.proxy.demo;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import org.bouncycastle.asn1.x500.RDN;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest;

/** A certificate authority for one run: P-256, a day of life, keys only in memory. SPIFFE ids as Istio forms them. */
public final class DemoAuthority {

    /** The demo may stay up for a working day. */
    private static final Duration LIFE = Duration.ofHours(24);

    private static final Duration CLOCK_SKEW = Duration.ofMinutes(1);

    /** A leaf with its chain, and its key, in PEM. */
    public record Issued(String chainPem, String keyPem) {}

    private static final SecureRandom RANDOM = new SecureRandom();

    private final KeyPair key;
    private final X500Name issuer;
    private final X509Certificate root;

    public DemoAuthority(String trustDomain) {
        try {
            key = newKey();
            issuer = new X500Name("O=" + trustDomain);
            JcaX509v3CertificateBuilder builder = builder(issuer, issuer, key.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            root = sign(builder, key);
        } catch (GeneralSecurityException | OperatorCreationException | CertIOException e) {
            throw new IllegalStateException("this JVM cannot make P-256 certificates: " + e.getMessage(), e);
        }
    }

    public String rootPem() {
        return pem(root);
    }

    /** {@code spiffe://cluster.local/ns/default/sa/NAME}, or a DNS name where the text has no scheme. */
    public Issued issue(String... names) {
        try {
            KeyPair leaf = newKey();
            return new Issued(leaf(leaf.getPublic(), names) + rootPem(), pem(new JcaPKCS8Generator(leaf.getPrivate(), null)));
        } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
            throw new IllegalStateException("cannot issue a certificate: " + e.getMessage(), e);
        }
    }

    /** For the key of a PKCS #10 request in PEM; the leaf alone. What names the request asks for is not looked at. */
    public String sign(String requestPem, String... names) {
        try (PEMParser parser = new PEMParser(new StringReader(requestPem))) {
            if (parser.readObject() instanceof PKCS10CertificationRequest request) {
                return leaf(new JcaPKCS10CertificationRequest(request).getPublicKey(), names);
            }
            throw new IllegalArgumentException("no certificate request");
        } catch (GeneralSecurityException | OperatorCreationException | IOException e) {
            throw new IllegalArgumentException("cannot issue a certificate: " + e.getMessage(), e);
        }
    }

    private String leaf(PublicKey leaf, String... names) throws GeneralSecurityException, OperatorCreationException, CertIOException {
        GeneralName[] sans = new GeneralName[names.length];
        for (int i = 0; i < names.length; i++) {
            int kind = names[i].contains("://") ? GeneralName.uniformResourceIdentifier : GeneralName.dNSName;
            sans[i] = new GeneralName(kind, names[i]);
        }
        JcaX509v3CertificateBuilder builder = builder(issuer, new X500Name(new RDN[0]), leaf);
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature | KeyUsage.keyEncipherment));
        builder.addExtension(Extension.extendedKeyUsage, false,
                new ExtendedKeyUsage(new KeyPurposeId[] {KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth}));
        // Critical, as the subject is empty (RFC 5280 §4.2.1.6).
        builder.addExtension(Extension.subjectAlternativeName, true, new GeneralNames(sans));
        return pem(sign(builder, key));
    }

    private static JcaX509v3CertificateBuilder builder(X500Name issuer, X500Name subject, PublicKey subjectKey) {
        Instant now = Instant.now();
        return new JcaX509v3CertificateBuilder(
                issuer,
                new BigInteger(120, RANDOM),
                Date.from(now.minus(CLOCK_SKEW)),
                Date.from(now.plus(LIFE)),
                subject,
                subjectKey);
    }

    private static X509Certificate sign(JcaX509v3CertificateBuilder builder, KeyPair by) throws OperatorCreationException, GeneralSecurityException {
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(by.getPrivate())));
    }

    private static KeyPair newKey() throws GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        return generator.generateKeyPair();
    }

    private static String pem(Object object) {
        StringWriter out = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(out)) {
            writer.writeObject(object);
        } catch (IOException e) {
            throw new IllegalStateException("writing to memory failed", e);
        }
        return out.toString();
    }
}
