package dev.outrider.proxy.identity;

import dev.outrider.xds.model.Bytes;
import dev.outrider.xds.model.Secret;
import dev.outrider.xds.model.match.StringMatcher;
import java.io.StringWriter;
import java.math.BigInteger;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A certificate authority for tests: P-256, SPIFFE names. */
public final class TestCertificates {

    /** Of a certificate when it is made, so that one of negative life can be valid once. */
    private static final Duration AGE = Duration.ofDays(2);

    private final KeyPair rootKeys;
    private final X509Certificate root;

    public TestCertificates() {
        rootKeys = keys();
        root = sign("CN=root", "CN=root", rootKeys, rootKeys, List.of(), true, AGE, Duration.ofDays(10), KeyPurposeId.anyExtendedKeyUsage);
    }

    /** With a root that somebody else made. */
    public TestCertificates(X509Certificate root, PrivateKey key) {
        this.root = root;
        rootKeys = new KeyPair(root.getPublicKey(), key);
    }

    public static KeyPair keys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (java.security.GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A leaf for both uses with URI names (or DNS names where there is no colon). */
    public Secret.Certificate leaf(String... names) {
        return leaf(Duration.ofDays(1), names);
    }

    public Secret.Certificate leaf(Duration life, String... names) {
        KeyPair keys = keys();
        X509Certificate certificate = sign(root.getSubjectX500Principal().getName(), "O=test", rootKeys, keys, List.of(names), false, AGE, life, KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth);
        return new Secret.Certificate(Bytes.utf8(pem(certificate)), Bytes.utf8(pem(keys.getPrivate())), null, null);
    }

    /** A context of the JDK's own TLS, so that tests do not only talk to themselves. Trusts this root. */
    public SSLContext jdkContext(Secret.Certificate certificate) {
        try {
            var pair = KeyPairFiles.of(certificate);
            char[] password = {'x'};
            KeyStore keyStore = KeyStore.getInstance("PKCS12");
            keyStore.load(null, null);
            keyStore.setKeyEntry("me", pair.key(), password, pair.chainArray());
            var keyManagers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keyManagers.init(keyStore, password);
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            trusted.setCertificateEntry("root", root);
            var trustManagers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trustManagers.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keyManagers.getKeyManagers(), trustManagers.getTrustManagers(), null);
            return context;
        } catch (java.io.IOException | java.security.GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What a mesh CA does with a CSR: its key, names of the CA's choosing. */
    public String sign(String csrPem, Duration life, String... names) {
        return sign(csrPem, AGE, life, names);
    }

    /** {@code age}: since when it is valid. */
    public String sign(String csrPem, Duration age, Duration life, String... names) {
        try (var parser = new org.bouncycastle.openssl.PEMParser(new java.io.StringReader(csrPem))) {
            var csr = new org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequest((org.bouncycastle.pkcs.PKCS10CertificationRequest) parser.readObject());
            return pem(sign(root.getSubjectX500Principal().getName(), "O=test", rootKeys, new KeyPair(csr.getPublicKey(), null), List.of(names), false, age, life,
                    KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth));
        } catch (java.io.IOException | java.security.GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A revocation list of this root, due for its successor after {@code life}. */
    public String crl(Duration life, X509Certificate... revoked) {
        try {
            Instant now = Instant.now();
            JcaX509v2CRLBuilder list = new JcaX509v2CRLBuilder(root, Date.from(now.minusSeconds(60)));
            list.setNextUpdate(Date.from(now.plus(life)));
            for (X509Certificate certificate : revoked) {
                list.addCRLEntry(certificate.getSerialNumber(), Date.from(now.minusSeconds(60)), CRLReason.keyCompromise);
            }
            return pem(list.build(new JcaContentSignerBuilder("SHA256withECDSA").build(rootKeys.getPrivate())));
        } catch (org.bouncycastle.operator.OperatorException e) {
            throw new IllegalStateException(e);
        }
    }

    public String rootPem() {
        return pem(root);
    }

    /** Trust in this root, for peers with any of the exact names; none = any. */
    public Secret.Validation trust(String... exactNames) {
        List<Secret.San> sans = java.util.Arrays.stream(exactNames)
                .map(name -> new Secret.San(Secret.San.Type.ANY, new StringMatcher.Exact(name, false)))
                .toList();
        return new Secret.Validation(Bytes.utf8(rootPem()), null, sans, Bytes.EMPTY, List.of(), List.of(), false, false);
    }

    private static X509Certificate sign(
            String issuer, String subject, KeyPair issuerKeys, KeyPair keys, List<String> names, boolean ca, Duration age, Duration life, KeyPurposeId... uses) {
        try {
            Instant now = Instant.now();
            JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                    new X500Name(issuer), new BigInteger(64, new SecureRandom()), Date.from(now.minus(age)), Date.from(now.plus(life)),
                    new X500Name(subject), keys.getPublic());
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(ca));
            if (!ca) {
                builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(uses));
            }
            if (!names.isEmpty()) {
                builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names.stream()
                        .map(n -> new GeneralName(n.contains(":") ? GeneralName.uniformResourceIdentifier : GeneralName.dNSName, n))
                        .toArray(GeneralName[]::new)));
            }
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(issuerKeys.getPrivate())));
        } catch (java.io.IOException | java.security.GeneralSecurityException | org.bouncycastle.operator.OperatorException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String pem(Object object) {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            // The misc writer leaves the curve out of EC keys; PKCS#8 names it.
            writer.writeObject(object instanceof PrivateKey key
                    ? new org.bouncycastle.util.io.pem.PemObject("PRIVATE KEY", key.getEncoded()) : object);
        } catch (java.io.IOException e) {
            throw new IllegalStateException(e);
        }
        return text.toString();
    }
}
