package dev.outrider.proxy.join;

import java.io.IOException;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What is wrong with a bundle is said before the machine is touched. */
class BundleCheckTest {

    private static final Instant NOW = Instant.ofEpochSecond(1_700_000_000);

    private static String jwt(String claims) {
        return "e30." + Base64.getUrlEncoder().withoutPadding().encodeToString(claims.getBytes(UTF_8)) + ".c2ln";
    }

    private static List<String> wrong(Map<String, String> files) throws IOException {
        Map<String, byte[]> bytes = new HashMap<>();
        files.forEach((name, text) -> bytes.put(name, text.getBytes(UTF_8)));
        return BundleCheck.of(new Bundle(bytes), NOW).stream().filter(f -> !f.good()).map(BundleCheck.Finding::text).toList();
    }

    @ParameterizedTest
    @CsvSource({"1700003600, ''", "1699990000, istio-token expired 2023-11-14T19:26:40Z"})
    void anExpiredTokenIsNamedWithBothClocks(long expiry, String message) throws Exception {
        List<String> wrong = wrong(Map.of("cluster.env", "A=b\n", "root-cert.pem", "x", "istio-token", jwt("{\"exp\": " + expiry + "}")));
        List<String> ofTheToken = wrong.stream().filter(w -> w.startsWith("istio-token")).toList();
        assertEquals(message.isEmpty() ? 0 : 1, ofTheToken.size(), wrong.toString());
        assertTrue(ofTheToken.stream().allMatch(w -> w.startsWith(message) && w.contains("this machine's clock says 2023-11-14T22:13:20Z")), wrong.toString());
    }

    @Test
    void whatIsMissingIsNamed() throws Exception {
        List<String> wrong = wrong(Map.of());
        assertEquals(3, wrong.size(), wrong.toString());
        assertTrue(wrong.get(0).startsWith("cluster.env is missing"));
        assertTrue(wrong.get(1).startsWith("root-cert.pem is missing"));
        assertTrue(wrong.get(2).startsWith("neither istio-token nor cert-chain.pem"));
        assertTrue(wrong(Map.of("key.pem", "k")).contains("cert-chain.pem is missing: the two belong together"));
    }

    @Test
    void whatIsNoTokenOrNoEnvironmentIsSaidToBeNone() throws Exception {
        List<String> wrong = wrong(Map.of("cluster.env", "A='open\n", "istio-token", "no token"));
        assertTrue(wrong.stream().anyMatch(w -> w.startsWith("cluster.env:1")), wrong.toString());
        assertTrue(wrong.contains("istio-token is no JSON web token: copy it anew"), wrong.toString());
    }
}
