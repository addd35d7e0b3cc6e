package dev.outrider.proxy.identity.credential;

import dev.outrider.proxy.identity.files.FileModes;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class TokenTest {

    @TempDir
    private Path folder;

    private static String jwt(String claims) {
        return "e30." + Base64.getUrlEncoder().withoutPadding().encodeToString(claims.getBytes(StandardCharsets.UTF_8)) + ".c2ln";
    }

    @Test
    void theExpiryOfAJwtIsKnown() throws Exception {
        Token token = Token.of(jwt("{\"aud\":[\"istio-ca\"],\"exp\": 1700000000,\"sub\":\"x\"}") + "\n", "token f");
        assertEquals(Instant.ofEpochSecond(1_700_000_000), token.expires());
        assertTrue(token.expired(Instant.ofEpochSecond(1_700_000_000)));
        assertFalse(token.expired(Instant.ofEpochSecond(1_699_999_999)));
        assertFalse(token.toString().contains(token.text()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"opaque", "a.b.c", "e30.e30.e30", "e30.!!!.c"})
    void whatIsNoJwtHasNoKnownExpiry(String text) throws Exception {
        assertNull(Token.of(text, "token f").expires());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " \n", "two words", "line\nline", "umlaut-ü", "nul-\u0000"})
    void whatNoHeaderMayCarryIsRefused(String text) {
        String line = String.valueOf(assertThrows(CredentialException.class, () -> Token.of(text, "token f")).getMessage());
        assertTrue(line.startsWith("token f "), line);
    }

    @Test
    void theFileIsReadAtEachUseAndTheFirstPlaceThatHasOneCounts() throws Exception {
        Path first = folder.resolve("first");
        Path second = folder.resolve("second");
        FileToken source = new FileToken(List.of(first, second), new FileModes(List.of(), true));
        assertNull(source.token());
        Files.writeString(second, "b");
        assertEquals("b", text(source));
        Files.writeString(first, "a");
        assertEquals("a", text(source));
        Files.writeString(first, "x".repeat(Token.MAX_LENGTH + 1));
        assertThrows(CredentialException.class, source::token);
    }

    @Test
    void aTokenThatOthersCanReadIsRefusedWithTheCommand() throws Exception {
        Path file = Files.writeString(folder.resolve("istio-token"), "t");
        file.toFile().setReadable(true, false);
        FileToken source = new FileToken(List.of(file), new FileModes(List.of(), false));
        String line = String.valueOf(assertThrows(CredentialException.class, source::token).getMessage());
        assertTrue(line.contains("run chmod 0600 " + file), line);
    }

    private static String text(TokenSource source) throws CredentialException {
        Token token = source.token();
        assertNotNull(token);
        return token.text();
    }
}
