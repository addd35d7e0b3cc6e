package dev.outrider.bench.jmh;

import dev.outrider.proxy.http.HeaderName;
import dev.outrider.proxy.http.Headers;
import dev.outrider.proxy.http.HttpStream;
import dev.outrider.proxy.http.RequestHead;
import dev.outrider.proxy.http.ResponseHead;
import dev.outrider.proxy.http.StreamAcceptor;
import dev.outrider.proxy.http.StreamEvents;
import dev.outrider.proxy.http.StreamReset;
import dev.outrider.proxy.http1.Http1ServerCodec;
import dev.outrider.proxy.http1.Http1Settings;
import dev.outrider.proxy.http2.Http2Options;
import dev.outrider.proxy.http2.Http2ServerCodec;
import dev.outrider.xds.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/** The server's codecs alone: bytes of a request in, bytes of its answer out (header parse and write; frames and HPACK). */
@State(Scope.Thread)
@SuppressWarnings("NullAway.Init")
public class Codecs implements StreamAcceptor {

    private static final ByteBuf REQUEST = Unpooled.unreleasableBuffer(Unpooled.directBuffer().writeBytes(("""
            GET /productpage?u=normal HTTP/1.1\r
            host: productpage.default.svc.cluster.local:9080\r
            user-agent: Mozilla/5.0 (X11; Linux x86_64)\r
            accept: text/html,application/xhtml+xml\r
            accept-language: en\r
            x-request-id: 6a2b1d0e-7a54-4c6e-9c5e-3f8e6b1d2a77\r
            x-forwarded-proto: http\r
            cookie: session=eyJ1c2VyIjoiam9obiJ9\r
            \r
            """).getBytes(StandardCharsets.US_ASCII)));

    private final ResponseHead response = new ResponseHead();
    private EmbeddedChannel http1;
    private EmbeddedChannel http2;
    private ByteBuf frames;
    private int stream;

    @Setup
    public void open() {
        Bootstrap bootstrap = Fixture.bootstrap(0);
        response.reset(200);
        response.headers().add(HeaderName.of("content-type"), "text/html; charset=utf-8");
        response.headers().add(HeaderName.of("content-length"), "0");
        response.headers().add(HeaderName.of("x-envoy-upstream-service-time"), "3");
        http1 = new EmbeddedChannel(new Http1ServerCodec(Http1Settings.of(Fixture.manager(bootstrap), false), this));
        http2 = new EmbeddedChannel();
        http2.pipeline().addLast(Http2ServerCodec.make(new Http2Options("http", 61_440, 100, 100, 65_535, 1 << 20, false, 0, 0), this));
        http2.writeInbound(Unpooled.copiedBuffer("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", StandardCharsets.US_ASCII));
        // SETTINGS, empty, and the acknowledgement of the codec's own.
        http2.writeInbound(Unpooled.wrappedBuffer(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0}));
        frames = Unpooled.directBuffer();
        drain(http2);
        stream = -1;
    }

    @TearDown
    public void close() {
        http1.finishAndReleaseAll();
        http2.finishAndReleaseAll();
        frames.release();
    }

    @Benchmark
    public int http1() {
        http1.writeInbound(REQUEST.duplicate());
        http1.runPendingTasks();
        return drain(http1);
    }

    @Benchmark
    public int http2() {
        stream += 2;
        frames.clear();
        // HEADERS with END_STREAM and END_HEADERS; fields of the static table and literals that enter the dynamic one.
        frames.writeMedium(0).writeByte(1).writeByte(0x5).writeInt(stream);
        frames.writeByte(0x82).writeByte(0x86).writeByte(0x84);
        literal(1, "productpage.default.svc.cluster.local:9080");
        literal(58, "Mozilla/5.0 (X11; Linux x86_64)");
        frames.setMedium(0, frames.readableBytes() - 9);
        http2.writeInbound(frames.retainedDuplicate());
        http2.runPendingTasks();
        return drain(http2);
    }

    /** With incremental indexing (RFC 7541 §6.2.1): the decoder keeps it and evicts older ones. */
    private void literal(int name, String value) {
        frames.writeByte(0x40 | name).writeByte(value.length()).writeCharSequence(value, StandardCharsets.US_ASCII);
    }

    private static int drain(EmbeddedChannel channel) {
        int bytes = 0;
        for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            bytes += out.readableBytes();
            out.release();
        }
        return bytes;
    }

    @Override
    public StreamEvents.Request onStream(HttpStream.Response to) {
        return new Answer(to);
    }

    @Override
    public void onRefused(int status, String details, long bytesReceived, long bytesSent) {
        throw new IllegalStateException("refused: " + details);
    }

    private final class Answer implements StreamEvents.Request {

        private final HttpStream.Response to;

        private Answer(HttpStream.Response to) {
            this.to = to;
        }

        @Override
        public void onHead(RequestHead head, boolean end) {
            to.sendHead(response, true);
        }

        @Override
        public void onData(ByteBuf data, boolean end) {
            data.release();
        }

        @Override
        public void onTrailers(Headers trailers) {
            // The requests of this benchmark have none.
        }

        @Override
        public void onReset(StreamReset reason, String details) {
            throw new IllegalStateException("reset: " + details);
        }

        @Override
        public void onWritable() {
            // Nothing waits for it.
        }
    }
}
