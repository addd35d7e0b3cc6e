package dev.outrider.proxy.http1;

import dev.outrider.proxy.http.ResponseHead;
import dev.outrider.xds.model.HttpConnectionManager.Limits.Underscores;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Requests as bytes against what the acceptor hears and the client reads. */
class Http1ServerCodecTest {
    private static final Http1Settings SETTINGS = new Http1Settings(
            "http", "envoy", 61440, 100, Underscores.ALLOW, false, "", true, true, false, false, Set.of("websocket"), false, 0);
    private static final String OK = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";

    private final RecordingAcceptor acceptor = new RecordingAcceptor();
    private final EmbeddedChannel channel = new EmbeddedChannel(new Http1ServerCodec(SETTINGS, acceptor));

    private void send(String text) {
        channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
        channel.runPendingTasks();
    }

    private static String unescape(String text) {
        return text.replace("\\u0020", " ").replace("\\u0000", "\0").replace("\\u0001", "\1").replace("\\u00e4", "\u00e4").translateEscapes();
    }

    private String received() {
        StringBuilder all = new StringBuilder();
        for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            all.append(out.toString(StandardCharsets.ISO_8859_1));
            out.release();
        }
        return all.toString();
    }

    private String only() {
        assertEquals(1, acceptor.log.size(), acceptor.log.toString());
        return acceptor.log.getFirst();
    }

    @Test
    void keepsTheConnectionAndAnswersInOrder() {
        send("GET /a HTTP/1.1\r\nHost: h\r\nX-A:  1 \r\n\r\nPOST /b HTTP/1.1\r\nhost: h\r\ncontent-length: 3\r\n\r\nabcGET /c HTTP/1.1\r\nhost: h\r\n\r\n");
        assertEquals("[GET h /a x-a: 1|, POST h /b content-length: 3|, body abc, GET h /c ]", acceptor.log.toString());
        assertEquals(OK + OK + OK, received());
        assertTrue(channel.isOpen());
        channel.finishAndReleaseAll();
    }

    @Test
    void everySplitReadsTheSame() {
        String text = "\r\nPOST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;e=1\r\nabc\r\n2 \r\nde\r\n0\r\nx-t: 1\r\n\r\nGET / HTTP/1.1\nHost: h\n\n";
        for (int cut = 0; cut <= text.length(); cut++) {
            RecordingAcceptor heard = new RecordingAcceptor();
            EmbeddedChannel split = new EmbeddedChannel(new Http1ServerCodec(SETTINGS, heard));
            split.writeInbound(Unpooled.copiedBuffer(text.substring(0, cut), StandardCharsets.ISO_8859_1));
            for (int i = cut; i < text.length(); i++) {
                split.writeInbound(Unpooled.copiedBuffer(text.substring(i, i + 1), StandardCharsets.ISO_8859_1));
            }
            split.runPendingTasks();
            assertEquals("[POST h /x , trailers x-t: 1|, body abcde, GET h / ]", heard.log.toString(), "cut at " + cut);
            split.finishAndReleaseAll();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', textBlock = """
            GET / HTTP/1.0\\r\\nHost: h! 426 low_version
            GET / HTTP/0.9\\r\\nHost: h! 426 low_version
            GET / HTTP/1.2\\r\\nHost: h! 426 low_version
            GET / HTTP/2.0\\r\\nHost: h! 426 low_version
            GET / HTTP/1\\r\\nHost: h! 400 http1.codec_error
            GET / HTTP/1.10\\r\\nHost: h! 400 http1.codec_error
            GET / http/1.1\\r\\nHost: h! 400 http1.codec_error
            FROB / HTTP/1.1\\r\\nHost: h! 400 http1.codec_error
            get / HTTP/1.1\\r\\nHost: h! 400 http1.codec_error
            M-SEARCH / HTTP/1.1\\r\\nHost: h! 400 http1.codec_error
            \\u0020GET / HTTP/1.1\\r\\nHost: h! 400 http1.codec_error
            GET / HTTP/1.1\\r\\nHost: h\\r\\nA: v\\u0000! 400 http1.invalid_characters
            GET / HTTP/1.1\\r\\nHost: h\\r\\nA: v\\u0001w! 400 http1.invalid_characters
            GET / HTTP/1.1\\r\\nHost: h\\r\\nA: v\\rw! 400 http1.codec_error
            GET / HTTP/1.1\\r\\nHost: h\\r\\nA: v\\r\\n w! 400 http1.codec_error
            GET / HTTP/1.1\\r\\n Host: h! 400 http1.codec_error
            GET / HTTP/1.1\\r\\nHost : h! 400 http1.codec_error
            GET / HTTP/1.1\\r\\nHost: h\\r\\nA\\u00e4: v! 400 http1.codec_error
            GET / HTTP/1.1\\r\\nHost: h\\u00e4! 400 http.invalid_authority
            GET / HTTP/1.1\\r\\nHost: a/b! 400 http.invalid_authority
            GET / HTTP/1.1\\r\\nHost: a b! 400 http.invalid_authority
            GET / HTTP/1.1\\r\\nHost: h\\r\\nHost: h! 400 http1.codec_error
            GET / HTTP/1.1\\r\\nA: b! 400 missing_host_header
            POST / HTTP/1.1\\r\\nHost: h\\r\\nContent-Length: 1\\r\\nTransfer-Encoding: chunked! 400 http1.content_length_and_chunked_not_allowed
            POST / HTTP/1.1\\r\\nHost: h\\r\\nTransfer-Encoding: identity! 501 http1.invalid_transfer_encoding
            POST / HTTP/1.1\\r\\nHost: h\\r\\nTransfer-Encoding: gzip, chunked! 501 http1.invalid_transfer_encoding
            POST / HTTP/1.1\\r\\nHost: h\\r\\nTransfer-Encoding: chunked\\r\\nTransfer-Encoding: chunked! 501 http1.invalid_transfer_encoding
            CONNECT h:1 HTTP/1.1\\r\\nHost: h\\r\\nTransfer-Encoding: chunked! 501 http1.invalid_transfer_encoding
            POST / HTTP/1.1\\r\\nHost: h\\r\\nContent-Length: 5\\r\\nContent-Length: 5! 400 http1.codec_error
            POST / HTTP/1.1\\r\\nHost: h\\r\\nContent-Length: 5,5! 400 http1.codec_error
            POST / HTTP/1.1\\r\\nHost: h\\r\\nContent-Length: +5! 400 http1.codec_error
            POST / HTTP/1.1\\r\\nHost: h\\r\\nContent-Length: 0x5! 400 http1.codec_error
            POST / HTTP/1.1\\r\\nHost: h\\r\\nContent-Length: 5 5! 400 http1.codec_error
            POST / HTTP/1.1\\r\\nHost: h\\r\\nContent-Length: 9223372036854775808! 400 http1.codec_error
            GET / HTTP/1.1\\r\\nHost: h\\r\\nConnection: x-forwarded-for! 400 http1.connection_header_rejected
            GET / HTTP/1.1\\r\\nHost: h\\r\\nConnection: host! 400 http1.connection_header_rejected
            GET / HTTP/1.1\\r\\nHost: h\\r\\nConnection: Upgrade\\r\\nUpgrade: foo! 403 upgrade_failed
            GET http:// HTTP/1.1\\r\\nHost: h! 400 http1.invalid_url
            GET ftp://a/ HTTP/1.1\\r\\nHost: h! 400 http1.invalid_url
            GET http://a#x HTTP/1.1\\r\\nHost: h! 400 http1.invalid_url
            OPTIONS * HTTP/1.1\\r\\nHost: h! 404 absolute_path_rejected
            GET * HTTP/1.1\\r\\nHost: h! 400 http1.invalid_url
            GET /\\u00e4 HTTP/1.1\\r\\nHost: h! 400 http1.codec_error
            """)
    void refuses(String request, String expected) {
        send(unescape(request + "\\r\\n\\r\\n"));
        assertEquals("refused " + expected.strip(), only());
        String answer = received();
        assertTrue(answer.startsWith("HTTP/1.1 " + expected.strip().substring(0, 3)), answer);
        assertTrue(answer.contains("connection: close\r\n"), answer);
        assertFalse(channel.isOpen());
        channel.finishAndReleaseAll();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', textBlock = """
            GET \\t /a  HTTP/1.1 \\r\\nHost: u@h! GET u@h /a
            GET / HTTP/1.1\\nHost:! GET  /
            PROPFIND / HTTP/1.1\\r\\nHost: h! PROPFIND h /
            TRACE / HTTP/1.1\\r\\nHost: h! TRACE h /
            GET http://u:p@a:8/x?y HTTP/1.1\\r\\nHost: h! GET a:8 /x?y
            GET https://a HTTP/1.1\\r\\nHost: h! GET a /
            GET / HTTP/1.1\\r\\nHost: h\\r\\nTE: gzip, trailers\\r\\nConnection: te! GET h / te: trailers|
            GET / HTTP/1.1\\r\\nHost: h\\r\\nTE: gzip! GET h /
            GET / HTTP/1.1\\r\\nHost: h\\r\\nConnection: Upgrade, HTTP2-Settings\\r\\nUpgrade: h2c\\r\\nHTTP2-Settings: x! GET h /
            GET / HTTP/1.1\\r\\nHost: h\\r\\nConnection: x-a\\r\\nX-A: 1\\r\\nKeep-Alive: 5! GET h /
            GET / HTTP/1.1\\r\\nHost: h\\r\\nExpect: foo! GET h / expect: foo|
            POST / HTTP/1.1\\r\\nHost: h\\r\\nContent-Length: 00! POST h / content-length: 00|
            """)
    void accepts(String request, String expected) {
        send(unescape(request + "\\r\\n\\r\\n"));
        assertEquals(expected.strip(), only().strip());
        assertEquals(OK, received());
        channel.finishAndReleaseAll();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', textBlock = """
            \\u00205\\r\\nabcde\\r\\n
            5\\nabcde\\r\\n
            5\\r\\nabcde\\n0\\r\\n\\r\\n
            5\\r\\nabcdeX
            0x5\\r\\nabcde\\r\\n
            00000000000000005\\r\\nabcde\\r\\n
            5;a\\tb\\u0001\\r\\nabcde\\r\\n
            0\\r\\nbad name: x\\r\\n\\r\\n
            ;\\r\\n
            """)
    void refusesMalformedChunks(String body) {
        String chunks = unescape(body);
        send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + chunks);
        assertEquals("reset PROTOCOL_ERROR http1.codec_error", acceptor.log.getLast().replace("invalid_characters", "codec_error"));
        assertTrue(received().startsWith("HTTP/1.1 400 "));
        assertFalse(channel.isOpen());
        channel.finishAndReleaseAll();
    }

    @Test
    void limitsHeads() {
        send("GET / HTTP/1.1\r\nHost: h\r\n" + "a: b\r\n".repeat(100) + "\r\n");
        assertEquals("refused 431 http1.too_many_headers", only());
        RecordingAcceptor other = new RecordingAcceptor();
        EmbeddedChannel big = new EmbeddedChannel(new Http1ServerCodec(SETTINGS, other));
        big.writeInbound(Unpooled.copiedBuffer("GET / HTTP/1.1\r\na: " + "b".repeat(61440), StandardCharsets.US_ASCII));
        assertEquals("[refused 431 http1.headers_too_large]", other.log.toString());
        big.finishAndReleaseAll();
        channel.finishAndReleaseAll();
    }

    /** As Envoy: what a request line is refused for is told before the fields come. */
    @ParameterizedTest
    @CsvSource({"GET /x, refused 426 low_version", "FROB /x HTTP/1.1, refused 400 http1.codec_error", "GET /x HTTP/1.1, "})
    void refusesALineAtOnce(String line, @Nullable String refusal) {
        send(line + "\r\nHo");
        assertEquals(refusal == null ? "[]" : "[" + refusal + "]", acceptor.log.toString());
        channel.finishAndReleaseAll();
    }

    @Test
    void answersAnExpectationItself() {
        send("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n");
        assertEquals("HTTP/1.1 100 Continue\r\n\r\n", received());
        send("x");
        assertEquals(OK, received());
        assertEquals("[POST h / content-length: 1|, body x]", acceptor.log.toString());
        channel.finishAndReleaseAll();
    }

    @Test
    void tunnelsAfter101AndNothingBefore() {
        acceptor.answer = false;
        send("GET / HTTP/1.1\r\nHost: h\r\nConnection: upgrade\r\nUpgrade: WebSocket\r\n\r\nearly");
        assertEquals("GET h /  upgrade=websocket", only());
        ResponseHead head = new ResponseHead();
        head.reset(101);
        head.upgrade("websocket");
        var stream = acceptor.streams.getFirst();
        stream.sendHead(head, false);
        channel.runPendingTasks();
        assertEquals("HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n", received());
        send("more");
        stream.sendData(Unpooled.copiedBuffer("down", StandardCharsets.US_ASCII), true);
        channel.runPendingTasks();
        assertEquals("down", received());
        assertFalse(channel.isOpen());
        channel.finishAndReleaseAll();
    }

    @Test
    void closesWhenTheAnswerComesBeforeTheBody() {
        acceptor.answer = false;
        send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nabc");
        ResponseHead head = new ResponseHead();
        head.reset(404);
        acceptor.streams.getFirst().sendHead(head, true);
        channel.runPendingTasks();
        assertEquals("HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n", received());
        assertFalse(channel.isOpen());
        channel.finishAndReleaseAll();
    }

    @Test
    void endsARequestWhoseClientLeaves() {
        acceptor.answer = false;
        send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
        channel.close();
        assertEquals("reset DOWNSTREAM_GONE downstream_remote_disconnect", acceptor.log.getLast());
        channel.finishAndReleaseAll();
    }

    @Test
    void mutatedInputNeverBreaksTheCodec() {
        String seed = "POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nConnection: keep-alive, te\r\nTE: trailers\r\n\r\n3;e=1\r\nabc\r\n0\r\nx-t: 1\r\n\r\nGET / HTTP/1.1\r\nHost: h\r\n\r\n";
        Random random = new Random(7);
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = seed.getBytes(StandardCharsets.ISO_8859_1);
            for (int changes = 1 + random.nextInt(4); changes > 0; changes--) {
                bytes[random.nextInt(bytes.length)] = (byte) (random.nextBoolean() ? random.nextInt(256) : "\r\n :;,0".charAt(random.nextInt(7)));
            }
            EmbeddedChannel target = new EmbeddedChannel(new Http1ServerCodec(SETTINGS, new RecordingAcceptor()));
            int cut = random.nextInt(bytes.length);
            target.writeInbound(Unpooled.copiedBuffer(bytes, 0, cut));
            if (target.isOpen()) {
                target.writeInbound(Unpooled.copiedBuffer(bytes, cut, bytes.length - cut));
            }
            target.checkException();
            target.finishAndReleaseAll();
        }
    }
}
