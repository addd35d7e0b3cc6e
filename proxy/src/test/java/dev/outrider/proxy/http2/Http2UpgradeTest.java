package dev.outrider.proxy.http2;

import dev.outrider.proxy.http.Headers;
import dev.outrider.proxy.http.HttpStream;
import dev.outrider.proxy.http.RequestHead;
import dev.outrider.proxy.http.ResponseHead;
import dev.outrider.proxy.http.StreamAcceptor;
import dev.outrider.proxy.http.StreamEvents;
import dev.outrider.proxy.http.StreamReset;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;

/** An upgrade over HTTP/2 (RFC 8441): our client side and our server side, back to back. */
class Http2UpgradeTest implements StreamAcceptor, Http2ClientCodec.Owner {

    private static final Http2Options OPTIONS = new Http2Options("http", 61440, 100, 100, 65_535, 1 << 20, true, 0, 0);

    private final List<String> server = new ArrayList<>();
    private final List<String> client = new ArrayList<>();
    private final EmbeddedChannel far = new EmbeddedChannel(Http2ServerCodec.make(OPTIONS, this));
    private final Http2ClientCodec codec = Http2ClientCodec.make(OPTIONS, this);
    private final EmbeddedChannel near = new EmbeddedChannel(codec);
    private HttpStream.Response accepted;

    @BeforeEach
    void begin() {
        turn();
    }

    @AfterEach
    void end() {
        near.finishAndReleaseAll();
        far.finishAndReleaseAll();
    }

    /** Carries bytes over until neither side has any left. */
    private void turn() {
        boolean moved = true;
        while (moved) {
            near.runPendingTasks();
            far.runPendingTasks();
            moved = move(near, far) | move(far, near);
        }
    }

    private static boolean move(EmbeddedChannel from, EmbeddedChannel to) {
        boolean any = false;
        for (ByteBuf out = from.readOutbound(); out != null; out = from.readOutbound()) {
            any = true;
            to.writeInbound(out);
        }
        return any;
    }

    private HttpStream.Request upgrade() {
        RequestHead head = new RequestHead();
        head.reset("GET", "/chat", "a.test", "http", RequestHead.Protocol.HTTP_1_1);
        head.headers().add("sec-websocket-version", "13");
        head.upgrade("websocket");
        HttpStream.Request stream = codec.open(new Recorder(client));
        stream.sendHead(head, false);
        turn();
        return stream;
    }

    @Test
    void switchesProtocolsAndCarriesBytesBothWays() {
        HttpStream.Request stream = upgrade();
        assertEquals(List.of("GET /chat websocket 13 open"), server);
        ResponseHead answer = new ResponseHead();
        answer.reset(101);
        accepted.sendHead(answer, false);
        turn();
        assertEquals(List.of("101 websocket open"), client);
        stream.sendData(Unpooled.copiedBuffer("hi", StandardCharsets.US_ASCII), false);
        accepted.sendData(Unpooled.copiedBuffer("ho", StandardCharsets.US_ASCII), false);
        turn();
        assertEquals("hi open", server.getLast());
        assertEquals("ho open", client.getLast());
        stream.sendData(Unpooled.EMPTY_BUFFER, true);
        turn();
        accepted.sendData(Unpooled.EMPTY_BUFFER, true);
        turn();
        assertEquals(" end", server.getLast());
        assertEquals(" end", client.getLast());
    }

    @Test
    void aRefusalStaysWhatItIs() {
        assertNotNull(upgrade());
        ResponseHead answer = new ResponseHead();
        answer.reset(403);
        accepted.sendHead(answer, true);
        turn();
        assertEquals("403  end", client.getFirst());
    }

    @Override
    public StreamEvents.Request onStream(HttpStream.Response stream) {
        accepted = stream;
        return new Recorder(server);
    }

    @Override
    public void onRefused(int status, String details, long received, long sent) {
        server.add("refused " + status + " " + details);
    }

    @Override
    public void onFree() {}

    @Override
    public void onClosed(boolean byPeer) {}

    /** What comes, a line each. */
    private record Recorder(List<String> log) implements StreamEvents.Request, StreamEvents.Response {

        private static String end(boolean end) {
            return end ? " end" : " open";
        }

        @Override
        public void onHead(RequestHead head, boolean end) {
            log.add(head.method() + " " + head.path() + " " + head.upgrade() + " " + head.headers().get("sec-websocket-version") + end(end));
        }

        @Override
        public void onHead(ResponseHead head, boolean end) {
            log.add(head.status() + " " + head.upgrade() + end(end));
        }

        @Override
        public void onInformational(ResponseHead head) {
            log.add("informational " + head.status());
        }

        @Override
        public void onData(ByteBuf data, boolean end) {
            log.add(data.toString(StandardCharsets.US_ASCII) + end(end));
            data.release();
        }

        @Override
        public void onTrailers(Headers trailers) {
            log.add("trailers");
        }

        @Override
        public void onReset(StreamReset reason, String details) {
            log.add("reset " + reason);
        }

        @Override
        public void onWritable() {}
    }
}
