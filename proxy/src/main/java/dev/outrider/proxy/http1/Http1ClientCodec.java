package dev.outrider.proxy.http1;

import dev.outrider.proxy.http.HttpStream;
import dev.outrider.proxy.http.LoopRoom;
import dev.outrider.proxy.http.ResponseHead;
import dev.outrider.proxy.http.StreamEvents;
import dev.outrider.proxy.http.StreamReset;
import dev.outrider.xds.model.HttpConnectionManager.Limits.Underscores;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import org.jspecify.annotations.Nullable;

/**
 * The client side of HTTP/1.1 on one upstream connection, last in its pipeline: one request at a time; its owner hears when it may carry
 * another. Whatever arrives unasked ends the connection. Loop-confined.
 */
public final class Http1ClientCodec extends ChannelInboundHandlerAdapter {

    /** A flood of interim responses is no response. */
    private static final int MAX_INTERIM = 32;

    private enum State { IDLE, HEAD, BODY, TUNNEL, CLOSED }

    /** Who lends the connection out. */
    public interface Owner {

        /** The exchange is over, and the connection free for another unless {@link #isFree()} denies it. */
        void onFree();

        /** No further exchange will run here; told once, when the channel is closed. {@code byPeer}: the other side ended it. */
        void onClosed(boolean byPeer);
    }

    private final Http1Settings settings;
    private final Owner owner;
    private final ResponseParser parser;
    private final BodyDecoder body;
    private final HeadFinder finder = new HeadFinder();
    private final ResponseHead head = new ResponseHead();
    private State state = State.IDLE;
    private @Nullable ByteBuf in;
    private @Nullable ClientStream stream;
    private boolean paused;
    private boolean processing;
    private boolean byPeer;
    private boolean ownerTold;
    private int interim;
    private long bytesRead;
    private long bytesWritten;
    private ChannelHandlerContext context;
    private FlushBatch flush;
    private BodyWriter writer;

    @SuppressWarnings("NullAway.Init") // the context comes with handlerAdded, before anything else
    public Http1ClientCodec(Http1Settings settings, Owner owner) {
        this.settings = settings;
        this.owner = owner;
        FieldParser fields = new FieldParser(settings.maxFields(), Underscores.ALLOW);
        parser = new ResponseParser(fields);
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

    /** Begins an exchange; only on a connection that is free. */
    public HttpStream.Request open(StreamEvents.Response events) {
        if (state != State.IDLE) {
            throw new IllegalStateException("an exchange is under way on this connection");
        }
        state = State.HEAD;
        interim = 0;
        finder.reset();
        ClientStream opened = new ClientStream(this, context, writer, events);
        stream = opened;
        return opened;
    }

    public boolean isFree() {
        return state == State.IDLE;
    }

    // ---- reading

    @Override
    public void channelRead(ChannelHandlerContext from, Object message) {
        if (!(message instanceof ByteBuf data)) {
            from.fireChannelRead(message);
            return;
        }
        bytesRead += data.readableBytes();
        if (state == State.CLOSED || state == State.IDLE) {
            boolean unasked = state == State.IDLE && data.isReadable();
            data.release();
            if (unasked) {
                close();
            }
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
            while (input != null && step(input)) {
                input = in;
            }
        } finally {
            processing = false;
        }
        ByteBuf left = in;
        if (left != null && (!left.isReadable() || state == State.CLOSED)) {
            release();
        }
    }

    private boolean step(ByteBuf input) {
        ClientStream current = stream;
        if (current == null || paused) {
            return false;
        }
        if (!input.isReadable()) {
            return false;
        }
        int before = input.readableBytes();
        switch (state) {
            case HEAD -> {
                return readHead(input, current);
            }
            case BODY -> {
                BodyDecoder.Event event = body.read(input);
                current.read += before - input.readableBytes();
                return readBody(event, current);
            }
            case TUNNEL -> {
                current.read += before;
                deliver(current, input.readRetainedSlice(before), false);
                return true;
            }
            default -> {
                return false;
            }
        }
    }

    private boolean readHead(ByteBuf input, ClientStream current) {
        int size = finder.find(input);
        if (size == HeadFinder.BARE_CR) {
            return fail(current, Details.CODEC_ERROR);
        }
        if (size > settings.maxHeadBytes() || size < 0 && input.readableBytes() > settings.maxHeadBytes()) {
            return fail(current, Details.HEADERS_TOO_LARGE);
        }
        if (size < 0) {
            return false;
        }
        byte[] scratch = LoopRoom.scratch(size);
        input.readBytes(scratch, 0, size);
        current.read += size;
        // A response to a request that was not even begun answers something else.
        if (!current.headSent() || !parser.parse(scratch, size, head, current.answersHead())) {
            return fail(current, current.headSent() ? parser.details : Details.CODEC_ERROR);
        }
        if (head.status() < 200 && head.status() != 101) {
            if (++interim > MAX_INTERIM) {
                return fail(current, Details.CODEC_ERROR);
            }
            current.events.onInformational(head);
            return true;
        }
        if (head.status() == 101) {
            state = State.TUNNEL;
            current.events.onHead(head, false);
            return true;
        }
        body.start(parser.body, parser.contentLength);
        if (parser.body == BodyDecoder.Mode.NONE) {
            boolean live = settle(current, input);
            boolean reusable = state == State.IDLE;
            if (live) {
                current.events.onHead(head, true);
            }
            return freed(reusable);
        }
        state = State.BODY;
        current.events.onHead(head, false);
        return true;
    }

    private boolean readBody(BodyDecoder.Event event, ClientStream current) {
        switch (event) {
            case NEED_MORE -> {
                return false;
            }
            case DATA -> {
                deliver(current, body.data(), false);
                return true;
            }
            case FAILED -> {
                return fail(current, body.error());
            }
            default -> {
                ByteBuf last = body.data();
                boolean live = settle(current, in);
                boolean reusable = state == State.IDLE;
                if (!live) {
                    last.release();
                } else if (event == BodyDecoder.Event.TRAILERS) {
                    current.events.onTrailers(body.trailers());
                } else {
                    current.events.onData(last, true);
                }
                return freed(reusable);
            }
        }
    }

    private static void deliver(ClientStream to, ByteBuf data, boolean end) {
        if (to.over()) {
            data.release();
        } else {
            to.events.onData(data, end);
        }
    }

    /** The response is whole. The connection is freed before the last event, so that a next request finds it. Whether anyone wants the event. */
    private boolean settle(ClientStream current, @Nullable ByteBuf input) {
        boolean surplus = input != null && input.isReadable();
        boolean reusable = parser.keepAlive && current.ended() && !surplus;
        boolean live = !current.over();
        current.giveUp();
        stream = null;
        state = reusable ? State.IDLE : State.CLOSED;
        if (paused) {
            paused = false;
            context.channel().config().setAutoRead(true);
        }
        return live;
    }

    private boolean freed(boolean reusable) {
        if (!ownerTold) {
            owner.onFree();
        }
        if (!reusable) {
            context.close();
        }
        return false;
    }

    private boolean fail(ClientStream current, String details) {
        boolean live = !current.over();
        current.giveUp();
        stream = null;
        close();
        if (live) {
            current.events.onReset(StreamReset.PROTOCOL_ERROR, details);
        }
        return false;
    }

    // ---- what streams ask for

    Http1Settings settings() {
        return settings;
    }

    void wrote(long bytes) {
        bytesWritten += bytes;
        flush.mark();
    }

    void pause(ClientStream asking, boolean pause) {
        if (asking != stream || paused == pause) {
            return;
        }
        paused = pause;
        context.channel().config().setAutoRead(!pause);
        if (!pause && !processing && in != null) {
            context.executor().execute(this::process);
        }
    }

    void requestDone(ClientStream done, boolean upgraded) {
        if (upgraded && done == stream) {
            // The client's side of a tunnel is over: the tunnel is.
            done.giveUp();
            stream = null;
            flush.mark();
            flush.now();
            close();
        }
    }

    /** The request cannot be sent or was cut short: the peer must not take it for whole. */
    void failLater(ClientStream failed) {
        context.executor().execute(() -> {
            if (failed == stream && !failed.over()) {
                fail(failed, Details.CODEC_ERROR);
            }
        });
    }

    void abort(ClientStream reset) {
        if (reset == stream) {
            stream = null;
            close();
        }
    }

    /** Closes the connection; a stream on it is reset by the channel's end. */
    public void close() {
        state = State.CLOSED;
        context.close();
    }

    public long bytesRead() {
        return bytesRead;
    }

    public long bytesWritten() {
        return bytesWritten;
    }

    // ---- the connection's end

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext from) {
        ClientStream current = stream;
        if (current != null && !current.over() && from.channel().isWritable()) {
            current.events.onWritable();
        }
        from.fireChannelWritabilityChanged();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext from, Object event) {
        if (event instanceof ChannelInputShutdownEvent || event instanceof SslCloseCompletionEvent) {
            byPeer = true;
            gone();
            from.close();
        }
        from.fireUserEventTriggered(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext from) {
        byPeer |= state != State.CLOSED;
        gone();
        if (!ownerTold) {
            ownerTold = true;
            owner.onClosed(byPeer);
        }
        from.fireChannelInactive();
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
        byPeer = true;
        gone();
        from.close();
    }

    private void gone() {
        ClientStream current = stream;
        boolean tail = state == State.BODY && paused;
        if (tail && current != null) {
            // What was read before the end is delivered in spite of the pause: it cannot wait for a connection that is gone.
            paused = false;
            process();
            current = stream;
        }
        stream = null;
        State was = state;
        state = State.CLOSED;
        if (!processing) {
            release();
        }
        if (current == null || current.over()) {
            return;
        }
        current.giveUp();
        if (was == State.BODY && body.mode() == BodyDecoder.Mode.UNTIL_CLOSE) {
            current.events.onData(Unpooled.EMPTY_BUFFER, true);
        } else if (was == State.BODY) {
            current.events.onReset(StreamReset.PROTOCOL_ERROR, Details.CODEC_ERROR);
        } else {
            current.events.onReset(StreamReset.CONNECTION_TERMINATION, "");
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
