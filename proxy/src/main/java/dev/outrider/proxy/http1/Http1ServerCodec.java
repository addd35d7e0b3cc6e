package dev.outrider.proxy.http1;

import dev.outrider.proxy.http.LoopRoom;
import dev.outrider.proxy.http.RequestHead;
import dev.outrider.proxy.http.StreamAcceptor;
import dev.outrider.proxy.http.StreamEvents;
import dev.outrider.proxy.http.StreamReset;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The server side of HTTP/1.1 on one client connection, last in its pipeline: one request at a time, pipelined ones wait in at most
 * {@value #MAX_PIPELINED} bytes. Refuses malformed input with a local reply and closes; tells the acceptor. Loop-confined.
 */
public final class Http1ServerCodec extends ChannelInboundHandlerAdapter {

    static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    /** A client that pipelines more is not read from until the request before is answered. */
    private static final int MAX_PIPELINED = 16 * 1024;

    private enum State {
        /** Between requests or in a head. */
        HEAD,
        BODY,
        /** An upgrade was asked for and not answered: what comes is kept. */
        UPGRADING,
        TUNNEL,
        /** The request is complete, its response is not. */
        ANSWERING,
        /** Nothing is taken any more. */
        CLOSING
    }

    private final Http1Settings settings;
    private final StreamAcceptor acceptor;
    private final FieldParser fields;
    private final RequestParser parser;
    private final BodyDecoder body;
    private final HeadFinder finder = new HeadFinder();
    private final RequestHead head = new RequestHead();
    private State state = State.HEAD;
    private @Nullable ByteBuf in;
    private @Nullable ServerStream stream;
    private boolean paused;
    private boolean processing;
    private boolean lineChecked;
    private boolean reading = true;
    private ChannelHandlerContext context;
    private FlushBatch flush;
    private BodyWriter writer;
    private @Nullable LingeringClose closing;

    @SuppressWarnings("NullAway.Init") // the context comes with handlerAdded, before anything else
    public Http1ServerCodec(Http1Settings settings, StreamAcceptor acceptor) {
        this.settings = settings;
        this.acceptor = acceptor;
        fields = new FieldParser(settings.maxFields(), settings.underscores());
        parser = new RequestParser(settings, fields);
        body = new BodyDecoder(fields, settings.maxHeadBytes(), settings.enableTrailers());
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
        flush = new FlushBatch(added);
        writer = new BodyWriter(added);
        added.channel().config().setAutoRead(true);
    }

    @Override
    public void handlerRemoved(ChannelHandlerContext removed) {
        release();
    }

    // ---- reading

    @Override
    public void channelRead(ChannelHandlerContext from, Object message) {
        if (!(message instanceof ByteBuf data)) {
            from.fireChannelRead(message);
            return;
        }
        if (state == State.CLOSING) {
            data.release();
            return;
        }
        ByteBuf kept = in;
        in = kept == null ? data : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(from.alloc(), kept, data);
        process();
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext from) {
        flush.now();
        from.fireChannelReadComplete();
    }

    private void process() {
        if (processing) {
            return;
        }
        processing = true;
        try {
            ByteBuf input = in;
            while (input != null && input.isReadable() && step(input)) {
                input = in;
            }
        } finally {
            processing = false;
        }
        ByteBuf left = in;
        if (left != null && !left.isReadable()) {
            release();
        }
        adjustReading();
    }

    private boolean step(ByteBuf input) {
        return switch (state) {
            case HEAD -> readHead(input);
            case BODY -> !paused && readBody(input);
            case TUNNEL -> !paused && readTunnel(input);
            case UPGRADING, ANSWERING -> false;
            case CLOSING -> {
                release();
                yield false;
            }
        };
    }

    /** Reading stops while the receiver wants it so, and while pipelined requests fill their share. */
    private void adjustReading() {
        boolean waiting = state == State.ANSWERING || state == State.UPGRADING;
        ByteBuf kept = in;
        boolean want = state == State.CLOSING
                || !(paused && state != State.HEAD) && !(waiting && kept != null && kept.readableBytes() >= MAX_PIPELINED);
        if (want != reading) {
            reading = want;
            context.channel().config().setAutoRead(want);
        }
    }

    private boolean readHead(ByteBuf input) {
        while (input.isReadable()) {
            byte c = input.getByte(input.readerIndex());
            boolean crlf = c == '\r' && input.readableBytes() > 1 && input.getByte(input.readerIndex() + 1) == '\n';
            if (c != '\n' && !crlf) {
                break;
            }
            // Empty lines before a request line are skipped (RFC 9112 §2.2).
            input.skipBytes(crlf ? 2 : 1);
            finder.reset();
        }
        if (!input.isReadable() || input.readableBytes() == 1 && input.getByte(input.readerIndex()) == '\r') {
            return false;
        }
        int size = finder.find(input);
        if (size == HeadFinder.BARE_CR) {
            return refuse(400, Details.CODEC_ERROR, input.readableBytes());
        }
        if (size > settings.maxHeadBytes() || size < 0 && input.readableBytes() > settings.maxHeadBytes()) {
            return refuse(431, Details.HEADERS_TOO_LARGE, input.readableBytes());
        }
        if (size < 0) {
            checkLine(input);
            return false;
        }
        byte[] scratch = take(input, size);
        lineChecked = false;
        input.skipBytes(size);
        if (!parser.parse(scratch, size, head)) {
            if (!parser.describesRefused(scratch, head)) {
                return refuse(parser.refusal, parser.details, size);
            }
            acceptor.onRefused(parser.refusal, parser.details, size, reply(parser.refusal, parser.details), head);
            closeGently();
            return false;
        }
        begin(size);
        return true;
    }

    private static byte[] take(ByteBuf input, int size) {
        byte[] scratch = LoopRoom.scratch(size);
        input.getBytes(input.readerIndex(), scratch, 0, size);
        return scratch;
    }

    /** Refuses a head that is not all there yet for its request line; looks once. */
    private void checkLine(ByteBuf input) {
        int line = lineChecked ? -1 : input.bytesBefore((byte) '\n');
        if (line >= 0) {
            lineChecked = true;
            if (!parser.acceptsLine(take(input, line + 1))) {
                refuse(parser.refusal, parser.details, input.readableBytes());
            }
        }
    }

    private void begin(int size) {
        boolean upgrade = !parser.upgrade.isEmpty();
        boolean end = parser.body == BodyDecoder.Mode.NONE && !upgrade;
        state = end ? State.ANSWERING : upgrade ? State.UPGRADING : State.BODY;
        body.start(parser.body, parser.contentLength);
        ServerStream begun = new ServerStream(this, context, writer, settings.properCase());
        begun.answers(head.method().equals("HEAD"), parser.http10, parser.keepAlive);
        begun.read = size;
        stream = begun;
        paused = false;
        StreamEvents.Request events = acceptor.onStream(begun);
        begun.events = events;
        if (parser.expectContinue && !settings.proxy100Continue() && !end && !begun.over()) {
            begun.sendContinue();
        }
        if (!begun.over()) {
            events.onHead(head, end);
        }
        head.headers().release();
    }

    private boolean readBody(ByteBuf input) {
        int before = input.readableBytes();
        BodyDecoder.Event event = body.read(input);
        ServerStream current = stream;
        if (current == null || current.events == null) {
            return false;
        }
        current.read += before - input.readableBytes();
        switch (event) {
            case NEED_MORE -> {
                return false;
            }
            case DATA -> deliver(current, body.data(), false);
            case LAST_DATA -> {
                state = State.ANSWERING;
                deliver(current, body.data(), true);
            }
            case END -> {
                state = State.ANSWERING;
                deliver(current, Unpooled.EMPTY_BUFFER, true);
            }
            case TRAILERS -> {
                state = State.ANSWERING;
                if (!current.over()) {
                    current.events.onTrailers(body.trailers());
                }
            }
            case FAILED -> {
                fail(current, body.error());
                return false;
            }
        }
        return true;
    }

    private static void deliver(ServerStream to, ByteBuf data, boolean end) {
        if (to.over() || to.events == null) {
            data.release();
        } else {
            to.events.onData(data, end);
        }
    }

    private boolean readTunnel(ByteBuf input) {
        ServerStream current = stream;
        if (current == null) {
            return false;
        }
        current.read += input.readableBytes();
        deliver(current, input.readRetainedSlice(input.readableBytes()), false);
        return true;
    }

    // ---- what streams ask for

    Http1Settings settings() {
        return settings;
    }

    boolean isCurrent(ServerStream candidate) {
        return candidate == stream;
    }

    boolean requestDone() {
        return state == State.ANSWERING;
    }

    String upgrade() {
        return parser.upgrade;
    }

    void mark() {
        flush.mark();
    }

    void pause(boolean pause) {
        paused = pause;
        if (pause) {
            adjustReading();
        } else {
            resume();
        }
    }

    /** Goes on from the loop, not from within the caller's call. */
    private void resume() {
        if (!processing) {
            context.executor().execute(this::process);
        }
    }

    void openTunnel() {
        state = State.TUNNEL;
        resume();
    }

    void responseDone(ServerStream ended, boolean keepAlive, boolean whole) {
        if (ended != stream) {
            return;
        }
        stream = null;
        paused = false;
        if (!whole) {
            state = State.CLOSING;
            flush.now();
            context.close();
        } else if (!keepAlive || state != State.ANSWERING) {
            closeGently();
        } else {
            state = State.HEAD;
            if (in != null) {
                resume();
            } else {
                adjustReading();
            }
        }
    }

    void abort(ServerStream reset) {
        if (reset == stream) {
            stream = null;
            state = State.CLOSING;
            flush.now();
            context.close();
        }
    }

    // ---- refusing and closing

    private boolean refuse(int status, String details, int received) {
        int sent = reply(status, details);
        acceptor.onRefused(status, details, received, sent);
        closeGently();
        return false;
    }

    /** After the head was accepted: the stream hears of it; the client gets a 400 where no response has begun. */
    private void fail(ServerStream current, String details) {
        boolean begun = current.headSent();
        current.giveUp();
        stream = null;
        if (!begun) {
            reply(details.equals(Details.HEADERS_TOO_LARGE) || details.equals(Details.TOO_MANY_HEADERS) ? 431 : 400, details);
        }
        closeGently();
        if (current.events != null) {
            current.events.onReset(StreamReset.PROTOCOL_ERROR, details);
        }
    }

    private int reply(int status, String details) {
        ByteBuf out = LocalAnswer.write(context.alloc(), status, details, settings.serverName());
        int size = out.readableBytes();
        context.write(out, context.voidPromise());
        flush.mark();
        return size;
    }

    private void closeGently() {
        state = State.CLOSING;
        LingeringClose close = new LingeringClose(context, settings.delayedCloseNanos());
        closing = close;
        flush.mark();
        flush.now();
        close.start();
        adjustReading();
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext from) {
        ServerStream current = stream;
        if (current != null && current.events != null && !current.over() && from.channel().isWritable()) {
            current.events.onWritable();
        }
        from.fireChannelWritabilityChanged();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext from, Object event) {
        if (event instanceof ChannelInputShutdownEvent || event instanceof SslCloseCompletionEvent) {
            // A client that has said its last word does not wait for an answer: as Envoy, the request is over.
            gone();
            from.close();
        }
        from.fireUserEventTriggered(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext from) {
        gone();
        LingeringClose lingering = closing;
        if (lingering != null) {
            lingering.cancel();
        }
        from.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
        gone();
        from.close();
    }

    private void gone() {
        state = State.CLOSING;
        ServerStream current = stream;
        stream = null;
        if (!processing) {
            release();
        }
        if (current != null && current.events != null && !current.over()) {
            current.giveUp();
            current.events.onReset(StreamReset.DOWNSTREAM_GONE, "downstream_remote_disconnect");
        }
    }

    private void release() {
        ByteBuf kept = in;
        in = null;
        if (kept != null) {
            kept.release();
        }
    }
}
