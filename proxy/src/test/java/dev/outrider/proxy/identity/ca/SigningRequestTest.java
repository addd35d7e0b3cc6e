package dev.outrider.proxy.identity.ca;

import java.io.StringReader;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class SigningRequestTest {

    private static final String ID = "spiffe://cluster.local/ns/default/sa/" + "long-service-account-name-".repeat(4);

    /** BouncyCastle writes the same request for the same key, and accepts our signature. */
    @ParameterizedTest
    @EnumSource(KeyKind.class)
    void isWhatBouncyCastleWrites(KeyKind kind) throws Exception {
        SigningRequest made = SigningRequest.make(kind, ID);
        PKCS10CertificationRequest read;
        try (PEMParser parser = new PEMParser(new StringReader(made.csrPem()))) {
            read = (PKCS10CertificationRequest) parser.readObject();
        }
        assertTrue(read.isSignatureValid(new JcaContentVerifierProviderBuilder().build(made.keys().getPublic())));

        var san = new ExtensionsGenerator();
        san.addExtension(Extension.subjectAlternativeName, true, new GeneralNames(new GeneralName(GeneralName.uniformResourceIdentifier, ID)));
        var expected = new JcaPKCS10CertificationRequestBuilder(
                        new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.O, "").build(), made.keys().getPublic())
                .addAttribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, san.generate())
                .build(new JcaContentSignerBuilder(kind == KeyKind.P384 ? "SHA384withECDSA" : kind == KeyKind.P256 ? "SHA256withECDSA" : "SHA256withRSA")
                        .build(made.keys().getPrivate()))
                .toASN1Structure();
        var actual = read.toASN1Structure();
        assertArrayEquals(expected.getCertificationRequestInfo().getEncoded(), actual.getCertificationRequestInfo().getEncoded());
        assertEquals(expected.getSignatureAlgorithm(), actual.getSignatureAlgorithm());
    }
}
