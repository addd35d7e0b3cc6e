package dev.outrider.proxy.http1;

import dev.outrider.proxy.http.Headers;
import dev.outrider.proxy.http.HttpStream;
import dev.outrider.proxy.http.RequestHead;
import dev.outrider.proxy.http.ResponseHead;
import dev.outrider.proxy.http.StreamEvents;
import dev.outrider.proxy.http.StreamReset;
import dev.outrider.xds.model.HttpConnectionManager.Limits.Underscores;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Responses as bytes against what the stream hears. */
class Http1ClientCodecTest implements Http1ClientCodec.Owner, StreamEvents.Response {
    private static final Http1Settings SETTINGS = new Http1Settings(
            "http", "", 61440, 100, Underscores.ALLOW, true, "", true, true, false, false, Set.of(), true, 0);

    private final List<String> log = new ArrayList<>();
    private final Http1ClientCodec codec = new Http1ClientCodec(SETTINGS, this);
    private final EmbeddedChannel channel = new EmbeddedChannel(codec);

    private HttpStream.Request request(String method) {
        RequestHead head = new RequestHead();
        head.reset(method, "/p", "h", "http", RequestHead.Protocol.HTTP_1_1);
        HttpStream.Request stream = codec.open(this);
        stream.sendHead(head, true);
        channel.runPendingTasks();
        return stream;
    }

    private void receive(String text) {
        channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
        channel.runPendingTasks();
    }

    private String sent() {
        StringBuilder all = new StringBuilder();
        for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            all.append(out.toString(StandardCharsets.ISO_8859_1));
            out.release();
        }
        return all.toString();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', textBlock = """
            GET! HTTP/1.1 200 OK\\r\\nContent-Length: 3\\r\\n\\r\\nabc! [head 200 false, data abc true, free]
            GET! HTTP/1.1 200\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n3\\r\\nabc\\r\\n0\\r\\n\\r\\n! [head 200 false, data abc false, data  true, free]
            GET! HTTP/1.1 200 OK\\nTransfer-Encoding: chunked\\n\\n0\\r\\na: b\\r\\n\\r\\n! [head 200 false, trailers 1, free]
            HEAD! HTTP/1.1 200 OK\\r\\nContent-Length: 3\\r\\n\\r\\n! [head 200 true, free]
            GET! HTTP/1.1 304 X\\r\\nContent-Length: 3\\r\\n\\r\\n! [head 304 true, free]
            GET! HTTP/1.1 204 X\\r\\nContent-Length: 0\\r\\n\\r\\n! [head 204 true, free]
            GET! HTTP/1.1 999 X\\r\\nContent-Length: 0\\r\\n\\r\\n! [head 999 true, free]
            GET! HTTP/1.1 103 X\\r\\n\\r\\nHTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n! [informational 103, head 200 true, free]
            GET! HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\nConnection: close\\r\\n\\r\\n! [head 200 true, free, closed]
            GET! HTTP/1.0 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\n! [head 200 true, free, closed]
            GET! HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\\r\\nHTTP/1.1 200 OK! [head 200 true, free, closed]
            GET! HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n! [reset PROTOCOL_ERROR, closed]
            GET! HTTP/1.1 204 OK\\r\\nContent-Length: 1\\r\\n\\r\\n! [reset PROTOCOL_ERROR, closed]
            GET! HTTP/1.1 204 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n! [reset PROTOCOL_ERROR, closed]
            GET! HTTP/1.1 100 OK\\r\\nContent-Length: 1\\r\\n\\r\\n! [reset PROTOCOL_ERROR, closed]
            GET! HTTP/1.1 101 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n! [reset PROTOCOL_ERROR, closed]
            GET! HTTP/2.0 200 OK\\r\\n\\r\\n! [reset PROTOCOL_ERROR, closed]
            GET! garbage\\r\\n\\r\\n! [reset PROTOCOL_ERROR, closed]
            GET! HTTP/1.1 099 OK\\r\\n\\r\\n! [reset PROTOCOL_ERROR, closed]
            """)
    void reads(String method, String response, String expected) {
        request(method.strip());
        // translateEscapes knows no NUL or other controls: the table needs none.
        receive(response.replaceFirst("^ ", "").translateEscapes());
        assertEquals(expected.strip(), log.toString().replace("closed, reset PROTOCOL_ERROR", "reset PROTOCOL_ERROR, closed"));
        channel.finishAndReleaseAll();
    }

    @Test
    void writesRequests() {
        RequestHead head = new RequestHead();
        head.reset("POST", "/p", "h", "http", RequestHead.Protocol.HTTP_1_1);
        head.headers().add("x-a", "1");
        HttpStream.Request stream = codec.open(this);
        stream.sendHead(head, false);
        stream.sendData(Unpooled.copiedBuffer("abc", StandardCharsets.US_ASCII), false);
        Headers trailers = new Headers();
        trailers.add("x-t", "2");
        stream.sendTrailers(trailers);
        channel.runPendingTasks();
        assertEquals("POST /p HTTP/1.1\r\nhost: h\r\nx-a: 1\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nx-t: 2\r\n\r\n", sent());
        channel.finishAndReleaseAll();
    }

    @Test
    void aBodyUntilCloseEndsWithTheConnection() {
        request("GET");
        receive("HTTP/1.1 200 OK\r\n\r\nabc");
        channel.close();
        assertEquals("[head 200 false, data abc false, data  true, closed]", log.toString());
        channel.finishAndReleaseAll();
    }

    @Test
    void aShortBodyIsAProtocolError() {
        request("GET");
        receive("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc");
        channel.close();
        assertEquals("[head 200 false, data abc false, reset PROTOCOL_ERROR, closed]", log.toString());
        channel.finishAndReleaseAll();
    }

    @Test
    void aCloseBeforeTheHeadIsATermination() {
        request("GET");
        receive("HTTP/1.1 20");
        channel.close();
        assertEquals("[reset CONNECTION_TERMINATION, closed]", log.toString());
        channel.finishAndReleaseAll();
    }

    @Test
    void unaskedBytesEndAnIdleConnection() {
        receive("HTTP/1.1 408 Request Timeout\r\n\r\n");
        assertFalse(channel.isOpen());
        assertEquals("[closed]", log.toString());
        channel.finishAndReleaseAll();
    }

    @Test
    void neverWritesALineThatIsTwo() {
        RequestHead head = new RequestHead();
        head.reset("GET", "/ HTTP/1.1\r\nx: y", "h", "http", RequestHead.Protocol.HTTP_1_1);
        codec.open(this).sendHead(head, true);
        channel.runPendingTasks();
        assertEquals("", sent());
        assertTrue(log.contains("reset PROTOCOL_ERROR"), log.toString());
        channel.finishAndReleaseAll();
    }

    @Override
    public void onFree() {
        log.add("free");
    }

    @Override
    public void onClosed(boolean byPeer) {
        log.add("closed");
    }

    @Override
    public void onInformational(ResponseHead head) {
        log.add("informational " + head.status());
    }

    @Override
    public void onHead(ResponseHead head, boolean end) {
        log.add("head " + head.status() + " " + end);
    }

    @Override
    public void onData(ByteBuf data, boolean end) {
        log.add("data " + data.toString(StandardCharsets.ISO_8859_1) + " " + end);
        data.release();
    }

    @Override
    public void onTrailers(Headers trailers) {
        log.add("trailers " + trailers.size());
    }

    @Override
    public void onReset(StreamReset reason, String details) {
        log.add("reset " + reason);
    }

    @Override
    public void onWritable() {}
}
