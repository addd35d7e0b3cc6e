package dev.outrider.proxy.identity.credential;

import com.sun.net.httpserver.HttpServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class CredentialPluginsTest {

    @TempDir
    private Path folder;

    private ExecToken program(String script, Duration limit) throws Exception {
        Path file = Files.writeString(folder.resolve("program"), "#!/bin/sh\n" + script + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
        return new ExecToken(List.of(file.toString(), "a b", "$(id)"), limit);
    }

    @Test
    void aProgramPrintsTheToken() throws Exception {
        assertEquals("t0ken", program("echo t0ken", Duration.ofSeconds(30)).token().text());
    }

    @Test
    void argumentsAreNeverAShells() throws Exception {
        assertEquals("2:a_b:$(id)", program("echo \"$#:$(echo \"$1\" | tr ' ' _):$2\"", Duration.ofSeconds(30)).token().text());
    }

    @Test
    void ourEnvironmentStaysHere() throws Exception {
        assertEquals("[]", program("echo \"[$HOME$USER]\"", Duration.ofSeconds(30)).token().text());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "echo no entry >&2; exit 3 | failed with 3: no entry", "true | is empty", "echo a b | holds no token", "head -c 100000 /dev/zero | holds no token"})
    void failuresNameTheProgram(String script, String said) throws Exception {
        String line = String.valueOf(assertThrows(CredentialException.class, () -> program(script, Duration.ofSeconds(30)).token()).getMessage());
        assertTrue(line.contains(folder.resolve("program").toString()) && line.contains(said), line);
    }

    @Test
    void aProgramThatHangsIsEnded() throws Exception {
        ExecToken hangs = program("sleep 600", Duration.ofMillis(200));
        assertTrue(String.valueOf(assertThrows(CredentialException.class, hangs::token).getMessage()).contains("did not end"));
    }

    @Test
    void onlyAnAbsolutePathIsRun() {
        assertEquals(List.of("/bin/x", "--audience", "istio-ca"), ExecToken.of(" /bin/x --audience istio-ca").command());
        assertThrows(IllegalArgumentException.class, () -> ExecToken.of("x y"));
    }

    @Test
    void theMetadataServerIsAskedAsGooglesWants() throws Exception {
        AtomicReference<String> asked = new AtomicReference<>("");
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            asked.set(exchange.getRequestURI() + " " + exchange.getRequestHeaders().getFirst("Metadata-Flavor"));
            boolean known = exchange.getRequestURI().getQuery().endsWith("audience=istio-ca");
            byte[] body = "jwt".getBytes(StandardCharsets.US_ASCII);
            exchange.sendResponseHeaders(known ? 200 : 404, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        try {
            String at = "http://127.0.0.1:" + server.getAddress().getPort();
            assertEquals("jwt", MetadataToken.googleComputeEngine(at, "istio-ca").token().text());
            assertEquals("/computeMetadata/v1/instance/service-accounts/default/identity?format=full&audience=istio-ca Google", asked.get());
            MetadataToken other = MetadataToken.googleComputeEngine(at, "other");
            assertTrue(String.valueOf(assertThrows(CredentialException.class, other::token).getMessage()).contains("answered 404"));
        } finally {
            server.stop(0);
        }
    }

    /** Gives a new JWT each time, or fails. */
    private static final class Counting implements TokenSource {
        private final AtomicInteger asked = new AtomicInteger();
        private Instant expires = Instant.EPOCH;
        private boolean fails;

        @Override
        public Token token() throws CredentialException {
            asked.incrementAndGet();
            if (fails) {
                throw new CredentialException("away");
            }
            String claims = "{\"n\":" + asked + ",\"exp\":" + expires.getEpochSecond() + "}";
            return Token.of("e30." + Base64.getUrlEncoder().withoutPadding().encodeToString(claims.getBytes(StandardCharsets.UTF_8)) + ".c2ln", "counting");
        }

        @Override
        public String described() {
            return "counting";
        }
    }

    @Test
    void aJwtIsRefreshedAtHalfOfItsLifeAndSurvivesAnOutageUntilItExpires() throws Exception {
        Instant start = Instant.parse("2026-01-01T00:00:00Z");
        AtomicReference<Instant> now = new AtomicReference<>(start);
        Counting source = new Counting();
        source.expires = start.plus(Duration.ofHours(1));
        RefreshedToken token = new RefreshedToken(source, new Clock() {
            @Override
            public Instant instant() {
                return now.get();
            }

            @Override
            public ZoneId getZone() {
                return ZoneOffset.UTC;
            }

            @Override
            public Clock withZone(ZoneId zone) {
                return this;
            }
        });
        assertNull(token.remembered());
        Token first = token.token();
        assertNotNull(first);
        now.set(start.plus(Duration.ofMinutes(29)));
        assertEquals(first, token.token());
        assertEquals(1, source.asked.get());
        now.set(start.plus(Duration.ofMinutes(31)));
        source.fails = true;
        assertEquals(first, token.token());
        source.fails = false;
        Token second = token.token();
        assertNotNull(second);
        assertEquals(second, token.remembered());
        assertEquals(3, source.asked.get());
        source.fails = true;
        now.set(start.plus(Duration.ofMinutes(61)));
        assertThrows(CredentialException.class, token::token);
    }
}
