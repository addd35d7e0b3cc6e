package dev.outrider.proxy.datapath.filterchain;

import dev.outrider.proxy.connection.DownstreamConnection;
import dev.outrider.xds.model.Address;
import dev.outrider.xds.model.Cidr;
import dev.outrider.xds.model.Listener;
import dev.outrider.xds.model.Metadata;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** What the first bytes tell, however they come. */
class InspectorsTest {

    private static final String SNI = "reviews.default.svc.cluster.local";
    private static final Listener LISTENER = new Listener(
            "l", new Address.Ip(Cidr.ipLiteral("127.0.0.1"), 1), List.of(), List.of(), 0, true, List.of(), null, true, false, false, false,
            Listener.Direction.INBOUND, List.of(), 0, "", true, Metadata.EMPTY);

    private final DownstreamConnection connection = new DownstreamConnection(
            1, new EmbeddedChannel(), new InetSocketAddress("127.0.0.1", 1), new InetSocketAddress("127.0.0.1", 2), LISTENER);

    /** Gives the bytes in steps of one size; the verdict, and how many bytes it took. */
    private record Outcome(Inspector.Verdict verdict, int after) {}

    private Outcome feed(Inspector inspector, byte[] bytes, int step) {
        ByteBuf seen = Unpooled.buffer();
        try {
            int at = 0;
            while (at < bytes.length) {
                int size = Math.min(step, bytes.length - at);
                seen.writeBytes(bytes, at, size);
                at += size;
                Inspector.Verdict verdict = inspector.inspect(seen, connection);
                if (verdict != Inspector.Verdict.MORE) {
                    return new Outcome(verdict, at);
                }
            }
            return new Outcome(Inspector.Verdict.MORE, at);
        } finally {
            seen.release();
        }
    }

    /** The JDK's own ClientHello: handshake header and body, without the record around it. */
    private static byte[] hello() throws Exception {
        SSLEngine engine = SSLContext.getDefault().createSSLEngine();
        engine.setUseClientMode(true);
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setServerNames(List.of(new SNIHostName(SNI)));
        parameters.setApplicationProtocols(new String[] {"istio-peer-exchange", "istio"});
        engine.setSSLParameters(parameters);
        ByteBuffer record = ByteBuffer.allocate(32 * 1024);
        engine.wrap(ByteBuffer.allocate(0), record);
        return Arrays.copyOfRange(record.array(), 5, record.position());
    }

    private static byte[] records(byte[] message, int most) {
        var all = new ByteArrayOutputStream();
        for (int at = 0; at < message.length; at += most) {
            int size = Math.min(most, message.length - at);
            all.write(22);
            all.write(3);
            all.write(1);
            all.write(size >> 8);
            all.write(size);
            all.write(message, at, size);
        }
        return all.toByteArray();
    }

    /** With more extensions in front of the others. */
    private static byte[] extended(byte[] hello, byte[] more) {
        int at = 4 + 2 + 32;
        at += 1 + (hello[at] & 0xff);
        at += 2 + ((hello[at] & 0xff) << 8 | hello[at + 1] & 0xff);
        at += 1 + (hello[at] & 0xff);
        int extensions = ((hello[at] & 0xff) << 8 | hello[at + 1] & 0xff) + more.length;
        ByteBuffer all = ByteBuffer.allocate(hello.length + more.length);
        all.put(hello, 0, at).putShort((short) extensions).put(more).put(hello, at + 2, hello.length - at - 2);
        int length = all.capacity() - 4;
        all.put(1, (byte) (length >> 16)).put(2, (byte) (length >> 8)).put(3, (byte) length);
        return all.array();
    }

    private static byte[] extension(int type, int size) {
        return ByteBuffer.allocate(4 + size).putShort((short) type).putShort((short) size).array();
    }

    private void assertFound(byte[] bytes, int step) {
        Outcome outcome = feed(new TlsInspector(), bytes, step);
        assertEquals(Inspector.Verdict.DONE, outcome.verdict);
        assertEquals("tls", connection.transportProtocol());
        assertEquals(SNI, connection.sni());
        assertEquals(List.of("istio-peer-exchange", "istio"), connection.offeredAlpn());
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 5, 7, 64, 100_000})
    void aClientHelloIsReadInAnyPiecesAndRecords(int step) throws Exception {
        byte[] hello = hello();
        for (int most : new int[] {1, 4, 50, 16_384}) {
            assertFound(records(hello, most), step);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 100_000})
    void unknownExtensionsAndGreaseDoNotMatter(int step) throws Exception {
        var more = new ByteArrayOutputStream();
        more.writeBytes(extension(0x0a0a, 0));
        more.writeBytes(extension(0xfafa, 1));
        more.writeBytes(extension(0xfe0d, 300));
        assertFound(records(extended(hello(), more.toByteArray()), 16_384), step);
    }

    @Test
    void aLongHelloIsReadUpToTheLimitAndRefusedOverIt() throws Exception {
        byte[] hello = hello();
        int room = TlsInspector.LONGEST_HELLO - (hello.length - 4) - 4;
        assertFound(records(extended(hello, extension(21, room)), 16_384), 1400);
        byte[] over = records(extended(hello, extension(21, room + 1)), 16_384);
        Outcome refused = feed(new TlsInspector(), over, 1);
        assertEquals(Inspector.Verdict.REFUSED, refused.verdict);
        assertTrue(refused.after < 20, "its announced length is enough");
    }

    @ParameterizedTest
    @CsvSource({"474554,1", "16030000,1", "1602,2", "150301,1", "1603010000,5", "160301000501ffffffff,10", "16030100050200000100,6"})
    void otherBytesAreRawAtTheFirstThatTells(String hex, int after) {
        byte[] bytes = java.util.HexFormat.of().parseHex(hex);
        Outcome outcome = feed(new TlsInspector(), bytes, 1);
        if (hex.startsWith("160301000501ff")) {
            assertEquals(Inspector.Verdict.REFUSED, outcome.verdict);
        } else if (hex.startsWith("16030000")) {
            assertEquals(Inspector.Verdict.MORE, outcome.verdict);
        } else {
            assertEquals(Inspector.Verdict.DONE, outcome.verdict);
            assertEquals("raw_buffer", connection.transportProtocol());
            assertEquals(after, outcome.after);
        }
    }

    @Test
    void brokenHellosNeverBreakTheInspector() throws Exception {
        var random = new Random(7);
        byte[] hello = hello();
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = records(hello, 16_384);
            for (int i = 0; i <= random.nextInt(4); i++) {
                bytes[5 + random.nextInt(bytes.length - 5)] = (byte) random.nextInt();
            }
            assertTrue(feed(new TlsInspector(), bytes, 1 + random.nextInt(bytes.length)).after <= bytes.length);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'GET / HTTP/1.1|',http/1.1,15",
        "'GET / HTTP/1.1|Host: x||',http/1.1,15",
        "'POST /a HTTP/1.0|',http/1.0,18",
        "'PROPFIND /a HTTP/1.1|',http/1.1,22",
        "'GET /|',http/1.0,8",
        "'GET / HTTP/2.0|',http/1.0,16",
        "'GEX / HTTP/1.1|',http/1.1,16",
        "'get / HTTP/1.1|',http/1.1,16",
        "'hello world|','',13",
        "'SSH-2.0-x|','',10",
        "'PRI * HTTP/2.0||SM||',h2c,24",
        "'PRI * HTTP/2.0||XM||','',19"
    })
    void plaintextIsNamedAtTheFirstByteThatTells(String text, String protocol, int after) {
        byte[] bytes = text.replace("|", "\r\n").getBytes(StandardCharsets.ISO_8859_1);
        Outcome byByte = feed(new HttpInspector(), bytes, 1);
        assertEquals(Inspector.Verdict.DONE, byByte.verdict);
        assertEquals(protocol.isEmpty() ? List.of() : List.of(protocol), connection.offeredAlpn());
        if (!text.startsWith("GET /|") && text.indexOf("HTTP/1") < 0 && !text.startsWith("GET / HTTP/2")) {
            assertEquals(after, byByte.after);
        }
        connection.offeredAlpn(List.of());
        feed(new HttpInspector(), bytes, bytes.length);
        assertEquals(protocol.isEmpty() ? List.of() : List.of(protocol), connection.offeredAlpn());
    }

    @Test
    void aRequestLineWithoutEndIsGivenUp() {
        byte[] endless = new byte[80_000];
        Arrays.fill(endless, (byte) 'a');
        System.arraycopy("GET /".getBytes(StandardCharsets.US_ASCII), 0, endless, 0, 5);
        Outcome outcome = feed(new HttpInspector(), endless, 100);
        assertEquals(Inspector.Verdict.DONE, outcome.verdict);
        assertNotEquals(endless.length, outcome.after);
        assertEquals(List.of(), connection.offeredAlpn());
    }
}
