package dev.outrider.xds.resource;

import dev.outrider.xds.model.Secret;
import dev.outrider.xds.model.match.StringMatcher;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

class SecretParserTest {

    private static Parsed<Secret> parse(String json) {
        return SecretParser.parse(
                Json.read(dev.outrider.xds.proto.envoy.extensions.transport_sockets.tls.v3.Secret.getDefaultInstance(), json));
    }

    @Test
    void aCapturedCertificate() {
        var parsed = new ResourceParser().secret(Captured.resources("tcp-tls/sds.pb").get(0));
        assertTrue(parsed.name().startsWith("kubernetes://"));
        Secret.Certificate certificate = (Secret.Certificate) parsed.parsed().get();
        assertTrue(certificate.keyPem().toUtf8().contains("PRIVATE KEY"));
        assertFalse(parsed.toString().contains("PRIVATE KEY"));
    }

    @Test
    void typedNamesWinOverTheDeprecatedOnes() {
        var validation = (Secret.Validation) parse("{'name':'x','validation_context':{"
                + "'match_typed_subject_alt_names':[{'san_type':'URI','matcher':{'exact':'a'}}],"
                + "'match_subject_alt_names':[{'exact':'b'}],'trust_chain_verification':'ACCEPT_UNTRUSTED'}}").get();
        assertEquals(
                List.of(new Secret.San(Secret.San.Type.URI, new StringMatcher.Exact("a", false))), validation.sans());
        assertTrue(validation.acceptUntrusted());
        assertEquals(0, validation.trustedCaPem().length());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            {}                         | a secret is a tls_certificate or a validation_context here, not TYPE_NOT_SET
            {'generic_secret':{}}      | a secret is a tls_certificate or a validation_context here, not GENERIC_SECRET
            {'tls_certificate':{'certificate_chain':{'inline_string':'-----BEGIN X'}}} | tls_certificate.private_key: holds no PEM
            {'tls_certificate':{'certificate_chain':{'inline_string':'-----BEGIN X'},'private_key':{'inline_string':'-----BEGIN X'},'password':{'inline_string':'p'}}} | tls_certificate.password: encrypted keys are not supported
            {'validation_context':{'trusted_ca':{'filename':'/no/such'}}} | validation_context.trusted_ca.filename: cannot read '/no/such': java.nio.file.NoSuchFileException: /no/such
            {'validation_context':{'allow_expired_certificate':true}} | validation_context.allow_expired_certificate: is not supported
            {'validation_context':{'trust_chain_verification':4}} | validation_context.trust_chain_verification: unknown value 4
            {'validation_context':{'match_typed_subject_alt_names':[{'matcher':{'exact':'a'}}]}} | validation_context.match_typed_subject_alt_names[0].san_type: value 0 is not supported
            """)
    void aSecretIsRefused(String json, String reason) {
        assertEquals(reason, parse(json).reason());
    }
}
