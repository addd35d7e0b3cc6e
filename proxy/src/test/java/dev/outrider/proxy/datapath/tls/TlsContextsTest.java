package dev.outrider.proxy.datapath.tls;

import dev.outrider.proxy.connection.TlsPeer;
import dev.outrider.proxy.datapath.upstream.UpstreamTls;
import dev.outrider.proxy.identity.SecretStore;
import dev.outrider.proxy.identity.TestCertificates;
import dev.outrider.proxy.identity.TlsSide;
import dev.outrider.xds.model.Bytes;
import dev.outrider.xds.model.Secret;
import dev.outrider.xds.model.TransportSocket;
import dev.outrider.xds.model.TransportSocket.TlsContext;
import dev.outrider.xds.model.source.ConfigSource;
import dev.outrider.xds.model.source.ResourceRef;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslHandler;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

class TlsContextsTest {

    private static final String ME = "spiffe://cluster.local/ns/default/sa/me";
    private static final String YOU = "spiffe://cluster.local/ns/default/sa/you";
    private static final ConfigSource ADS = new ConfigSource.Ads();
    private static final String SNI = "outbound_.9080_._.productpage.default.svc.cluster.local";

    private final TestCertificates ca = new TestCertificates();
    private final SecretStore secrets = new SecretStore();
    private final TlsContexts contexts = new TlsContexts(secrets);

    private static TlsContext byName(List<String> alpn, Secret.Validation own) {
        return new TlsContext(List.of(), List.of(new ResourceRef("default", ADS)), own, new ResourceRef("ROOTCA", ADS), alpn, "TLSv1.2", "TLSv1.3", List.of(), List.of());
    }

    private static TlsContext inline(Secret.Certificate certificate, Secret.Validation trust, List<String> alpn) {
        return new TlsContext(List.of(certificate), List.of(), trust, null, alpn, "TLSv1.2", "TLSv1.3", List.of(), List.of());
    }

    private TransportSocket.DownstreamTls server(List<String> alpn) {
        return new TransportSocket.DownstreamTls(inline(ca.leaf(YOU), ca.trust(), alpn), true, false);
    }

    /** Runs a handshake in memory; the two handlers, or the client's failure. */
    private static Throwable handshake(SslHandler client, SslHandler server) {
        EmbeddedChannel a = new EmbeddedChannel(client);
        EmbeddedChannel b = new EmbeddedChannel(server);
        for (int i = 0; i < 20 && !(client.handshakeFuture().isDone() && server.handshakeFuture().isDone()); i++) {
            pump(a, b);
            pump(b, a);
        }
        Throwable failure = client.handshakeFuture().isSuccess() ? server.handshakeFuture().cause() : client.handshakeFuture().cause();
        a.finishAndReleaseAll();
        b.finishAndReleaseAll();
        return failure;
    }

    private static void pump(EmbeddedChannel from, EmbeddedChannel to) {
        from.runPendingTasks();
        for (ByteBuf bytes = from.readOutbound(); bytes != null; bytes = from.readOutbound()) {
            if (!to.isOpen()) {
                bytes.release();
                continue;
            }
            try {
                to.writeInbound(bytes);
            } catch (io.netty.handler.codec.DecoderException e) {
                assertNotNull(e.getCause());
            }
        }
    }

    private record Pair(SslHandler client, SslHandler server, TlsPeer seenByClient, TlsPeer seenByServer, boolean resumed) {}

    private Pair connect(TransportSocket.UpstreamTls up, TransportSocket.DownstreamTls down, List<String> alpn) throws Exception {
        return connect(contexts.upstream(up), contexts.downstream(down), alpn);
    }

    private static Pair connect(UpstreamTls client, TlsContexts.DownstreamTls server, List<String> alpn) throws Exception {
        SslHandler c = client.handler(UnpooledByteBufAllocator.DEFAULT, alpn, "");
        SslHandler s = server.handler(UnpooledByteBufAllocator.DEFAULT);
        EmbeddedChannel a = new EmbeddedChannel(c);
        EmbeddedChannel b = new EmbeddedChannel(s);
        for (int i = 0; i < 20; i++) {
            pump(a, b);
            pump(b, a);
        }
        assertTrue(c.handshakeFuture().isSuccess(), () -> String.valueOf(c.handshakeFuture().cause()));
        assertTrue(s.handshakeFuture().isSuccess(), () -> String.valueOf(s.handshakeFuture().cause()));
        // BoringSSL sends its tickets with the first data.
        b.writeOutbound(UnpooledByteBufAllocator.DEFAULT.buffer().writeByte(1));
        pump(b, a);
        Pair pair = new Pair(c, s, client.peer(c), server.peer(s), TlsSide.resumed(s));
        a.finishAndReleaseAll();
        b.finishAndReleaseAll();
        return pair;
    }

    private TransportSocket.UpstreamTls client(Secret.Validation trust, List<String> alpn) {
        return new TransportSocket.UpstreamTls(byName(alpn, trust), SNI, false, false, null);
    }

    private TransportSocket.UpstreamTls keeping(@Nullable Integer sessions) {
        return new TransportSocket.UpstreamTls(byName(List.of(), null), SNI, false, false, sessions);
    }

    @Test
    void sessionsAreResumedUnlessToldOtherwise() throws Exception {
        secrets.update(Map.of("default", ca.leaf(ME), "ROOTCA", ca.trust()));
        TlsContexts.DownstreamTls server = contexts.downstream(server(List.of()));
        for (Integer sessions : Arrays.asList(null, 1)) {
            UpstreamTls client = contexts.upstream(keeping(sessions));
            assertFalse(connect(client, server, List.of()).resumed());
            Pair second = connect(client, server, List.of());
            assertTrue(second.resumed());
            assertEquals(ME, second.seenByServer().identity());
            assertEquals(YOU, second.seenByClient().identity());
        }
        UpstreamTls none = contexts.upstream(keeping(0));
        connect(none, server, List.of());
        assertFalse(connect(none, server, List.of()).resumed());
    }

    @Test
    void nothingIsResumedAcrossAChangeOfTheCertificate() throws Exception {
        secrets.update(Map.of("default", ca.leaf(ME), "ROOTCA", ca.trust()));
        TlsContexts.DownstreamTls server = contexts.downstream(server(List.of()));
        UpstreamTls client = contexts.upstream(keeping(null));
        connect(client, server, List.of());
        secrets.update(Map.of("default", ca.leaf(YOU), "ROOTCA", ca.trust()));
        Pair after = connect(client, server, List.of());
        assertFalse(after.resumed());
        assertEquals(YOU, after.seenByServer().identity());
    }

    private Secret.Validation sansOnly(String... names) {
        Secret.Validation trust = ca.trust(names);
        return new Secret.Validation(Bytes.EMPTY, null, trust.sans(), Bytes.EMPTY, List.of(), List.of(), false, false);
    }

    @Test
    void bothSidesSeeTheOthersSpiffeId() throws Exception {
        secrets.update(Map.of("default", ca.leaf(ME), "ROOTCA", ca.trust()));
        Pair pair = connect(client(sansOnly(YOU), List.of("istio")), server(List.of("istio", "h2")), List.of());
        assertEquals(YOU, pair.seenByClient().identity());
        assertEquals(ME, pair.seenByServer().identity());
        assertEquals(ME, pair.seenByClient().localIdentity());
        assertEquals("istio", pair.seenByServer().alpn());
        assertEquals("TLSv1.3", pair.seenByServer().version());
        assertTrue(pair.seenByServer().validated());
        assertEquals(64, pair.seenByServer().sha256().length());
    }

    @Test
    void theServerPrefersItsOwnOrderAndGoesOnWithoutOverlap() throws Exception {
        secrets.update(Map.of("default", ca.leaf(ME), "ROOTCA", ca.trust()));
        assertEquals("h2", connect(client(null, List.of()), server(List.of("h2", "http/1.1")), List.of("istio-h2", "http/1.1", "h2")).seenByServer().alpn());
        assertEquals("", connect(client(null, List.of()), server(List.of("h2")), List.of("istio-peer-exchange")).seenByServer().alpn());
    }

    @Test
    void aPeerWithAnotherNameIsRefusedAndNamed() throws Exception {
        secrets.update(Map.of("default", ca.leaf(ME), "ROOTCA", ca.trust()));
        Throwable failure = handshake(
                contexts.upstream(client(sansOnly("spiffe://cluster.local/ns/default/sa/other"), List.of())).handler(UnpooledByteBufAllocator.DEFAULT, List.of(), ""),
                contexts.downstream(server(List.of())).handler(UnpooledByteBufAllocator.DEFAULT));
        assertNotNull(failure);
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        assertTrue(cause.getMessage().contains(YOU), cause.toString());
    }

    @Test
    void anotherRootAndAnExpiredCertificateAreRefused() throws Exception {
        TestCertificates stranger = new TestCertificates();
        for (Secret.Certificate bad : List.of(stranger.leaf(ME), ca.leaf(Duration.ofHours(-1), ME))) {
            secrets.update(Map.of("default", bad, "ROOTCA", ca.trust()));
            TlsContexts fresh = new TlsContexts(secrets);
            assertNotNull(handshake(
                    fresh.upstream(client(null, List.of())).handler(UnpooledByteBufAllocator.DEFAULT, List.of(), ""),
                    fresh.downstream(server(List.of())).handler(UnpooledByteBufAllocator.DEFAULT)));
        }
    }

    @Test
    void whileASecretIsMissingNothingIsOffered() {
        UpstreamTls upstream = contexts.upstream(client(null, List.of()));
        UpstreamTls.SecretMissing missing =
                assertThrows(UpstreamTls.SecretMissing.class, () -> upstream.handler(UnpooledByteBufAllocator.DEFAULT, List.of(), ""));
        assertTrue(missing.getMessage().contains("'default'"), missing.getMessage());
    }

    @Test
    void aNewCertificateServesNewHandshakesAndABrokenOneChangesNothing() throws Exception {
        secrets.update(Map.of("default", ca.leaf(ME), "ROOTCA", ca.trust()));
        TransportSocket.UpstreamTls up = client(null, List.of());
        TransportSocket.DownstreamTls down = server(List.of());
        assertEquals(ME, connect(up, down, List.of()).seenByServer().identity());
        String next = ME + "2";
        secrets.update(Map.of("default", ca.leaf(next), "ROOTCA", ca.trust()));
        assertEquals(next, connect(up, down, List.of()).seenByServer().identity());
        secrets.update(Map.of("default", new Secret.Certificate(Bytes.utf8("half a fi"), Bytes.utf8("le"), null, null), "ROOTCA", ca.trust()));
        assertEquals(next, connect(up, down, List.of()).seenByServer().identity());
    }

    @Test
    void equalSocketsShareOneContext() {
        TransportSocket.UpstreamTls one = client(ca.trust(YOU), List.of("h2"));
        assertSame(contexts.upstream(one), contexts.upstream(client(ca.trust(YOU), List.of("h2"))));
        assertFalse(contexts.upstream(one) == contexts.upstream(client(ca.trust(ME), List.of("h2"))));
    }
}
