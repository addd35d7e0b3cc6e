package dev.outrider.proxy.http2;

import dev.outrider.proxy.http.Headers;
import dev.outrider.proxy.http.HttpStream;
import dev.outrider.proxy.http.RequestHead;
import dev.outrider.proxy.http.ResponseHead;
import dev.outrider.proxy.http.StreamAcceptor;
import dev.outrider.proxy.http.StreamEvents;
import dev.outrider.proxy.http.StreamReset;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersEncoder;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Hand-made frames against what the acceptor hears and the frames that go back. */
class Http2ServerCodecTest implements StreamAcceptor {
    private static final int DATA = 0;
    private static final int HEADERS = 1;
    private static final int RST_STREAM = 3;
    private static final int GOAWAY = 7;
    private static final int END_STREAM = 1;
    private static final int END_HEADERS = 4;
    private static final Http2Options OPTIONS = new Http2Options("http", 61440, 100, 100, 65_535, 1 << 20, false, 0, 0);

    private final List<String> log = new ArrayList<>();
    private final List<HttpStream.Response> streams = new ArrayList<>();
    private final DefaultHttp2HeadersEncoder hpack = new DefaultHttp2HeadersEncoder();
    private final EmbeddedChannel channel = new EmbeddedChannel();

    @BeforeEach
    void begin() {
        channel.pipeline().addLast(Http2ServerCodec.make(OPTIONS, this));
        send(Unpooled.copiedBuffer("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", StandardCharsets.US_ASCII));
        frame(4, 0, 0, new byte[0]);
        frame(4, 1, 0, new byte[0]);
        sent();
    }

    @AfterEach
    void end() {
        channel.finishAndReleaseAll();
        channel.runPendingTasks();
        channel.releaseOutbound();
    }

    private void send(ByteBuf bytes) {
        if (channel.isOpen()) {
            channel.writeInbound(bytes);
            channel.runPendingTasks();
        } else {
            bytes.release();
        }
    }

    private void frame(int type, int flags, int id, byte[] payload) {
        send(Unpooled.buffer().writeMedium(payload.length).writeByte(type).writeByte(flags).writeInt(id).writeBytes(payload));
    }

    private void headers(int id, boolean end, Consumer<Http2Headers> change) {
        Http2Headers headers = new DefaultHttp2Headers(false).method("GET").scheme("http").path("/p").authority("h");
        change.accept(headers);
        block(id, end, headers);
    }

    private void block(int id, boolean end, Http2Headers headers) {
        ByteBuf block = Unpooled.buffer();
        try {
            hpack.encodeHeaders(id, headers, block);
        } catch (Exception e) {
            throw new AssertionError(e);
        }
        frame(HEADERS, END_HEADERS | (end ? END_STREAM : 0), id, ByteBufUtil.getBytes(block));
        block.release();
    }

    /** Frames that went out, as "type:stream[:code]". */
    private List<String> sent() {
        ByteBuf all = Unpooled.buffer();
        for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
            all.writeBytes(out);
            out.release();
        }
        List<String> frames = new ArrayList<>();
        while (all.readableBytes() >= 9) {
            int size = all.readUnsignedMedium();
            int type = all.readByte();
            all.readByte();
            int id = all.readInt();
            ByteBuf payload = all.readSlice(size);
            frames.add(switch (type) {
                case DATA -> "DATA:" + id;
                case HEADERS -> "HEADERS:" + id;
                case RST_STREAM -> "RST:" + id + ":" + Http2Error.valueOf(payload.readInt());
                case GOAWAY -> "GOAWAY:" + Http2Error.valueOf(payload.getInt(4));
                default -> "OTHER:" + type;
            });
        }
        all.release();
        return frames;
    }

    @Test
    void joinsCookiesAndTakesTheAuthority() {
        headers(1, true, h -> h.add("cookie", "a=1").add("cookie", "b=2").add("x-a", "v"));
        assertEquals("[GET h /p x-a: v|cookie: a=1; b=2|]", log.toString());
        ResponseHead ok = new ResponseHead();
        ok.reset(200);
        streams.getFirst().sendHead(ok, true);
        channel.runPendingTasks();
        assertEquals(List.of("HEADERS:1"), sent());
    }

    @ParameterizedTest
    @CsvSource({
        "connection, close", "transfer-encoding, chunked", "keep-alive, 1", "upgrade, x", "te, gzip", "X-Upper, 1", "'bad name', 1", "host, other",
        "x, 'a\rb'", "x, 'a\nb'", "x, 'a\0b'", ":odd, 1", ":path, /second", ":status, 200"
    })
    void aMalformedRequestIsAStreamError(String name, String value) {
        headers(1, true, h -> h.add(name, value));
        assertEquals(List.of("RST:1:PROTOCOL_ERROR"), sent().stream().filter(f -> f.startsWith("RST")).toList());
        assertTrue(channel.isOpen());
        assertTrue(streams.isEmpty());
        headers(3, true, h -> {});
        assertEquals(1, streams.size());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/a b", "/a\rb", "/\u00e4"})
    void aPathThatIsNoneIsAStreamError(String path) {
        headers(1, true, h -> h.path(path));
        assertEquals(List.of("RST:1:PROTOCOL_ERROR"), sent().stream().filter(f -> f.startsWith("RST")).toList());
        assertTrue(streams.isEmpty());
    }

    @Test
    void tooManyFieldsAreAnInternalErrorOfTheStream() {
        headers(1, true, h -> {
            for (int i = 0; i < 101; i++) {
                h.add("x-" + i, "v");
            }
        });
        assertEquals(List.of("RST:1:INTERNAL_ERROR"), sent());
    }

    @Test
    void moreStreamsThanAllowedAreNotTaken() {
        for (int i = 0; i < 105; i++) {
            headers(1 + 2 * i, true, h -> {});
        }
        assertEquals(100, streams.size());
        assertFalse(sent().isEmpty());
    }

    @Test
    void trailersEndTheStream() {
        headers(1, false, h -> h.method("POST"));
        frame(DATA, 0, 1, "abc".getBytes(StandardCharsets.US_ASCII));
        block(1, true, new DefaultHttp2Headers(false).add("x-t", "1"));
        assertEquals("[POST h /p , data abc false, trailers x-t: 1|]", log.toString());
    }

    @Test
    void dataIsKeptWhileReadingIsPausedAndItsWindowIsNotGivenBack() {
        headers(1, false, h -> h.method("POST"));
        streams.getFirst().pauseReading(true);
        for (int i = 0; i < 3; i++) {
            frame(DATA, 0, 1, new byte[16_000]);
        }
        frame(DATA, END_STREAM, 1, new byte[8]);
        assertEquals(1, log.size());
        assertTrue(sent().isEmpty());
        streams.getFirst().pauseReading(false);
        channel.runPendingTasks();
        assertEquals(5, log.size());
        assertTrue(log.getLast().endsWith("true"));
    }

    @Test
    void aResetOfTheClientIsTold() {
        headers(1, false, h -> {});
        frame(RST_STREAM, 0, 1, new byte[] {0, 0, 0, 8});
        assertEquals("reset REMOTE_RESET ", log.getLast());
        headers(3, false, h -> {});
        channel.unsafe().closeForcibly();
        channel.runPendingTasks();
        channel.pipeline().fireChannelInactive();
        assertEquals("reset DOWNSTREAM_GONE downstream_remote_disconnect", log.getLast());
    }

    @ParameterizedTest
    @CsvSource({"6, 0, 8, 1500", "4, 0, 0, 1500", "2, 1, 5, 3000", "8, 0, 4, 3000"})
    void floodsEndTheConnection(int type, int id, int size, int count) {
        headers(1, false, h -> {});
        byte[] payload = new byte[size];
        if (size > 0) {
            payload[size - 1] = 1;
        }
        for (int i = 0; i < count && channel.isOpen(); i++) {
            frame(type, 0, id, payload);
        }
        channel.runPendingTasks();
        assertTrue(sent().contains("GOAWAY:ENHANCE_YOUR_CALM"));
        assertFalse(channel.isOpen());
    }

    @Test
    void rapidResetsEndTheConnection() {
        for (int i = 0; i < 500 && channel.isOpen(); i++) {
            headers(1 + 2 * i, true, h -> {});
            frame(RST_STREAM, 0, 1 + 2 * i, new byte[] {0, 0, 0, 8});
        }
        assertTrue(sent().contains("GOAWAY:ENHANCE_YOUR_CALM"));
    }

    @Test
    void mutatedFramesNeverBreakTheCodec() {
        Random random = new Random(11);
        ByteBuf seed = Unpooled.buffer();
        seed.writeCharSequence("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", StandardCharsets.US_ASCII);
        seed.writeBytes(new byte[] {0, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 5, 1, 4, 0, 0, 0, 1, (byte) 0x83, (byte) 0x86, (byte) 0x84, 0x41, 0});
        seed.writeBytes(new byte[] {0, 0, 3, 0, 1, 0, 0, 0, 1, 'a', 'b', 'c', 0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8});
        for (int round = 0; round < 5000; round++) {
            byte[] bytes = ByteBufUtil.getBytes(seed);
            for (int changes = random.nextInt(4); changes >= 0; changes--) {
                bytes[24 + random.nextInt(bytes.length - 24)] = (byte) random.nextInt(256);
            }
            EmbeddedChannel target = new EmbeddedChannel(Http2ServerCodec.make(OPTIONS, this));
            target.writeInbound(Unpooled.copiedBuffer(bytes));
            target.runPendingTasks();
            target.checkException();
            target.finishAndReleaseAll();
        }
        seed.release();
    }

    @Override
    public StreamEvents.Request onStream(HttpStream.Response stream) {
        streams.add(stream);
        return new StreamEvents.Request() {
            @Override
            public void onHead(RequestHead head, boolean end) {
                log.add(head.method() + " " + head.authority() + " " + head.path() + " " + head.headers().toString().replace("\n", "|"));
            }

            @Override
            public void onData(ByteBuf data, boolean end) {
                log.add("data " + data.toString(StandardCharsets.ISO_8859_1) + " " + end);
                data.release();
            }

            @Override
            public void onTrailers(Headers trailers) {
                log.add("trailers " + trailers.toString().replace("\n", "|"));
            }

            @Override
            public void onReset(StreamReset reason, String details) {
                log.add("reset " + reason + " " + details);
            }

            @Override
            public void onWritable() {}
        };
    }

    @Override
    public void onRefused(int status, String details, long bytesReceived, long bytesSent) {}
}
