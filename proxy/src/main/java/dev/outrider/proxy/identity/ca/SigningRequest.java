package dev.outrider.proxy.identity.ca;

import java.io.IOException;
import java.io.StringWriter;
import java.security.KeyPair;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.bouncycastle.util.io.pem.PemObject;

/** A fresh key and the PKCS #10 request for it, in the form that Istio's agent sends: one empty O, a critical SAN with the SPIFFE id alone. */
record SigningRequest(KeyPair keys, String csrPem, String keyPem) {

    static SigningRequest make(KeyKind kind, String spiffeId) {
        KeyPair keys = kind.generate();
        try {
            var san = new ExtensionsGenerator();
            san.addExtension(Extension.subjectAlternativeName, true, new GeneralNames(new GeneralName(GeneralName.uniformResourceIdentifier, spiffeId)));
            var subject = new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.O, "").build();
            var csr = new JcaPKCS10CertificationRequestBuilder(subject, keys.getPublic())
                    .addAttribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, san.generate())
                    .build(new JcaContentSignerBuilder(kind.signature()).build(keys.getPrivate()));
            // PKCS #8 for every kind: the one form that all readers have.
            return new SigningRequest(keys, pem("CERTIFICATE REQUEST", csr.getEncoded()), pem("PRIVATE KEY", keys.getPrivate().getEncoded()));
        } catch (IOException | OperatorCreationException e) {
            throw new IllegalStateException("this JVM cannot sign a certificate request with " + kind, e);
        }
    }

    private static String pem(String type, byte[] der) throws IOException {
        StringWriter text = new StringWriter();
        try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
            writer.writeObject(new PemObject(type, der));
        }
        return text.toString();
    }

    /** Without the key. */
    @Override
    public String toString() {
        return "SigningRequest[" + csrPem.length() + "]";
    }
}
