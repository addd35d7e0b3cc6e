package dev.outrider.proxy.identity.ca;

import dev.outrider.proxy.identity.KeyPairFiles;
import dev.outrider.proxy.identity.SanPolicy;
import dev.outrider.proxy.identity.TestCertificates;
import dev.outrider.xds.ads.GrpcTransport;
import dev.outrider.xds.model.Bytes;
import dev.outrider.xds.model.Secret;
import io.grpc.Status;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class CaClientTest {

    private static final String ID = "spiffe://cluster.local/ns/vm/sa/vmapp";
    private static final CaCredentials TOKEN = new CaCredentials("t0ken", null, "the token of /t");

    private final TestCertificates authority = new TestCertificates();
    private final EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private TestCa ca = new TestCa(authority, ID, "istiod.istio-system.svc");

    @TempDir
    private Path folder;
    private Path roots = Path.of("");

    @BeforeEach
    void files() throws Exception {
        roots = Files.writeString(folder.resolve("root-cert.pem"), authority.rootPem());
    }

    @AfterEach
    void close() throws Exception {
        ca.close();
        loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).await();
    }

    private CaAddress at(int port, String... names) {
        return new CaAddress("127.0.0.1", port, false, names.length == 0 ? "" : names[0], List.of(names));
    }

    private CaClient client(KeyKind kind, Clock clock, CaAddress... addresses) {
        return new CaClient(
                new CaSettings(List.of(addresses), roots, ID, kind, Duration.ofHours(12), "west", "", Map.of()),
                new GrpcTransport(loops, NioSocketChannel.class, null, null), Runnable::run, clock);
    }

    private IssuedCertificate issue(CaCredentials credentials, CaAddress... addresses) throws Exception {
        return client(KeyKind.P256, Clock.systemUTC(), addresses).request(credentials).get(15, TimeUnit.SECONDS);
    }

    private CaException refusal(CaCredentials credentials, CaAddress... addresses) {
        return refusal(client(KeyKind.P256, Clock.systemUTC(), addresses), credentials);
    }

    private static CaException refusal(CaClient client, CaCredentials credentials) {
        var failure = assertThrows(ExecutionException.class, () -> client.request(credentials).get(15, TimeUnit.SECONDS));
        CaException refusal = assertInstanceOf(CaException.class, failure.getCause());
        assertTrue(refusal.line().lines().count() == 1, refusal.line());
        return refusal;
    }

    @ParameterizedTest
    @EnumSource(value = KeyKind.class, mode = EnumSource.Mode.EXCLUDE, names = "RSA_4096")
    void aTokenBecomesACertificateOfEachKindOfKey(KeyKind kind) throws Exception {
        IssuedCertificate issued = client(kind, Clock.systemUTC(), at(ca.port(), "istiod.istio-system.svc")).request(TOKEN).get(15, TimeUnit.SECONDS);
        KeyPairFiles pair = KeyPairFiles.of(new Secret.Certificate(Bytes.utf8(issued.chainPem()), Bytes.utf8(issued.keyPem()), null, null));
        assertEquals(List.of(ID), SanPolicy.texts(SanPolicy.names(pair.leaf()), SanPolicy.URI));
        assertEquals(kind.name().startsWith("P") ? "EC" : "RSA", pair.key().getAlgorithm());
        assertEquals(authority.rootPem(), issued.rootsPem());
        TestCa.Seen seen = ca.next();
        assertEquals("Bearer t0ken", seen.authorization());
        assertEquals("west", seen.clusterId());
        assertEquals(Duration.ofHours(12).toSeconds(), seen.request().getValidityDuration());
        assertTrue(issued.toString().length() < 60, "keys are never printed");
    }

    @Test
    void aValidCertificateIsEnough() throws Exception {
        issue(new CaCredentials(null, authority.leaf(ID), "the certificate"), at(ca.port(), "istiod.istio-system.svc"));
        TestCa.Seen seen = ca.next();
        assertNull(seen.authorization());
        assertEquals(List.of(ID), seen.clientNames());
    }

    @Test
    void theNextAddressIsTriedWhenNobodyIsAtTheFirst() throws Exception {
        issue(TOKEN, at(freePort(), "x"), at(ca.port(), "istiod.istio-system.svc"));
        assertEquals(1, ca.requests());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "UNAUTHENTICATED   | UNAUTHENTICATED | does not accept the token of /t",
        "PERMISSION_DENIED | DENIED          | does not sign for spiffe://cluster.local/ns/vm/sa/vmapp",
        "UNIMPLEMENTED     | NO_SUCH_SERVICE | knows only HandleCSR",
        "UNAVAILABLE       | UNREACHABLE     | is not available",
        "INTERNAL          | OTHER           | answered INTERNAL (it says: broken down)"})
    void eachStatusIsALineWithTheRemedy(Status.Code code, CaException.Kind kind, String said) {
        ca.refuse(code.toStatus().withDescription("broken\n down"));
        CaException refusal = refusal(TOKEN, at(ca.port(), "istiod.istio-system.svc"));
        assertEquals(kind, refusal.kind());
        assertTrue(refusal.line().startsWith("CA 127.0.0.1:" + ca.port() + " "), refusal.line());
        assertTrue(refusal.line().contains(said), refusal.line());
    }

    @Test
    void aNameWithoutADotIsToldToTheGateway() throws Exception {
        try (ServerSocket gateway = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var asked = client(KeyKind.P256, Clock.systemUTC(), at(gateway.getLocalPort(), "istio-citadel")).request(TOKEN);
            try (var caller = gateway.accept()) {
                byte[] header = caller.getInputStream().readNBytes(5);
                byte[] hello = caller.getInputStream().readNBytes((header[3] & 0xff) << 8 | header[4] & 0xff);
                assertTrue(new String(hello, StandardCharsets.ISO_8859_1).contains("istio-citadel"));
            }
            assertThrows(ExecutionException.class, () -> asked.get(15, TimeUnit.SECONDS));
        }
    }

    @Test
    void whereTheFirstIsNoCaTheSecondIsNamedToo() throws Exception {
        ca.refuse(Status.UNIMPLEMENTED);
        int free;
        try (ServerSocket nobody = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = nobody.getLocalPort();
        }
        CaException refusal = refusal(TOKEN, at(ca.port(), "istiod.istio-system.svc"), at(free, "istio-citadel"));
        assertTrue(refusal.line().contains(":" + free + " is not reachable") && refusal.line().contains(":" + ca.port() + " has no"), refusal.line());
    }

    @Test
    void anotherNameThanExpectedIsNotTrusted() {
        CaException refusal = refusal(TOKEN, at(ca.port(), "istiod.other.svc"));
        assertEquals(CaException.Kind.UNTRUSTED, refusal.kind());
        assertTrue(refusal.line().contains("the peer is [istiod.istio-system.svc]") && refusal.line().contains("OUTRIDER_CA_SAN"), refusal.line());
        assertEquals(0, ca.requests(), "the token was shown to a stranger");
    }

    @Test
    void aRootThatWasReplacedIsNamedWithItsFile() throws Exception {
        Files.writeString(roots, new TestCertificates().rootPem());
        CaException refusal = refusal(TOKEN, at(ca.port(), "istiod.istio-system.svc"));
        assertEquals(CaException.Kind.UNTRUSTED, refusal.kind());
        assertTrue(refusal.line().contains(roots.toString()), refusal.line());
    }

    @Test
    void anExpiredServerCertificateSpeaksOfTheClock() throws Exception {
        ca.close();
        ca = new TestCa(authority, ID, Duration.ofHours(-1), "istiod.istio-system.svc");
        CaException refusal = refusal(TOKEN, at(ca.port(), "istiod.istio-system.svc"));
        assertEquals(CaException.Kind.CLOCK, refusal.kind());
        assertTrue(refusal.line().contains("timedatectl"), refusal.line());
    }

    @Test
    void plaintextIsRecognised() throws Exception {
        ca.close();
        ca = new TestCa(authority, ID);
        assertEquals(CaException.Kind.NOT_TLS, refusal(TOKEN, at(ca.port(), "x")).kind());
    }

    @Test
    void nobodyThereAndNoSuchNameAreToldApart() throws Exception {
        CaException nobody = refusal(TOKEN, at(freePort(), "x"));
        assertTrue(nobody.line().contains("is not reachable"), nobody.line());
        CaException unknown = refusal(TOKEN, new CaAddress("istiod.invalid", 15012, false, "istiod.invalid", List.of("istiod.invalid")));
        assertTrue(unknown.line().contains("/etc/hosts"), unknown.line());
    }

    @Test
    void aMissingRootFileIsNamed() throws Exception {
        Files.delete(roots);
        CaException refusal = refusal(TOKEN, at(ca.port(), "istiod.istio-system.svc"));
        assertTrue(refusal.line().contains(roots + " is missing"), refusal.line());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"none | answered with 0 certificates", "leaf | answered with 1 certificates", "junk | PEM", "other | signed another key"})
    void answersThatWouldNotServeAreRefused(String what, String said) {
        ca.answer(switch (what) {
            case "none" -> List.of();
            case "leaf" -> List.of(authority.leaf(ID).chainPem().toUtf8());
            case "junk" -> List.of("-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n", authority.rootPem());
            default -> List.of(authority.leaf(ID).chainPem().toUtf8(), authority.rootPem());
        });
        CaException refusal = refusal(TOKEN, at(ca.port(), "istiod.istio-system.svc"));
        assertEquals(CaException.Kind.BAD_ANSWER, refusal.kind());
        assertTrue(refusal.line().contains(said), refusal.line());
    }

    @Test
    void aClockThatIsADayOffIsNamed() {
        Clock ahead = Clock.fixed(Instant.now().plus(Duration.ofDays(2)), ZoneOffset.UTC);
        CaException refusal = refusal(client(KeyKind.P256, ahead, at(ca.port(), "istiod.istio-system.svc")), TOKEN);
        assertEquals(CaException.Kind.CLOCK, refusal.kind());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", value = {
        "- | - | - | P256", "ECDSA | P384 | - | P384", "- | - | 2048 | RSA_2048", "- | - | 4096 | RSA_4096", "ECDSA | - | 2048 | P256"})
    void keyKindsAreIstiosVariables(@Nullable String algorithm, @Nullable String curve, @Nullable String rsa, KeyKind kind) {
        assertEquals(kind, KeyKind.of(environment(algorithm, curve, rsa)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", value = {"DSA | - | - | ECC_SIGNATURE_ALGORITHM", "- | P521 | - | ECC_CURVE", "- | - | 1024 | WORKLOAD_RSA_KEY_SIZE"})
    void otherKindsAreRefusedByName(@Nullable String algorithm, @Nullable String curve, @Nullable String rsa, String named) {
        var refusal = assertThrows(IllegalArgumentException.class, () -> KeyKind.of(environment(algorithm, curve, rsa)));
        assertTrue(String.valueOf(refusal.getMessage()).startsWith(named), refusal.getMessage());
    }

    private static Map<String, String> environment(@Nullable String algorithm, @Nullable String curve, @Nullable String rsa) {
        return Map.of("ECC_SIGNATURE_ALGORITHM", algorithm == null ? "" : algorithm, "ECC_CURVE", curve == null ? "" : curve,
                "WORKLOAD_RSA_KEY_SIZE", rsa == null ? "" : rsa);
    }

    private static int freePort() throws Exception {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
