package dev.outrider.proxy.http2;

import dev.outrider.proxy.http.StreamReset;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.http2.AbstractHttp2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import java.io.IOException;
import java.util.function.Function;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** One HTTP/2 connection: frames to exchanges and back, windows, limits of what a peer may cost. Loop-confined. */
abstract class Http2Endpoint extends Http2ConnectionHandler {

    /** RFC 9113 §6.9.2. */
    private static final int INITIAL_WINDOW = 65_535;

    private static final int FRAME = 16_384;

    final Http2Options options;
    final Fields fields;
    final FrameBudget budget = new FrameBudget();
    private final Http2Connection.PropertyKey key;
    private @Nullable ChannelHandlerContext context;
    private boolean flushScheduled;
    private long bytesRead;
    private long bytesWritten;

    Http2Endpoint(Parts parts, Http2Options options) {
        super(parts.decoder(), parts.encoder(), parts.settings());
        this.options = options;
        fields = new Fields(options.maxFields());
        key = connection().newKey();
        connection().addListener(new Http2ConnectionAdapter() {
            @Override
            public void onStreamClosed(Http2Stream stream) {
                Exchange exchange = exchange(stream);
                if (exchange != null) {
                    closed(exchange);
                }
            }
        });
        encoder().flowController().listener(stream -> {
            Exchange exchange = exchange(stream);
            if (exchange != null && isWritable(stream)) {
                exchange.writable();
            }
        });
    }

    /** What Netty's builder makes. */
    record Parts(Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {}

    /** Netty's builder with the limits of this proxy. */
    static final class Builder extends AbstractHttp2ConnectionHandlerBuilder<Http2Endpoint, Builder> {

        private final Function<Parts, Http2Endpoint> maker;

        Builder(boolean server, Http2Options options, Function<Parts, Http2Endpoint> maker) {
            this.maker = maker;
            Http2Settings settings = new Http2Settings()
                    .initialWindowSize(options.streamWindow())
                    .maxHeaderListSize(options.maxHeadBytes());
            if (server) {
                settings.maxConcurrentStreams(options.maxConcurrentStreams());
                if (options.allowConnect()) {
                    settings.connectProtocolEnabled(true);
                }
            } else {
                settings.pushEnabled(false);
            }
            server(server);
            initialSettings(settings);
            frameListener(new Frames());
            validateHeaders(true);
            decoupleCloseAndGoAway(false);
            flushPreface(true);
            // A reset costs the peer nothing and us a request (CVE-2023-44487, 2025-8671); empty frames likewise (CVE-2019-9518).
            decoderEnforceMaxRstFramesPerWindow(server ? 100 : 1000, 10);
            encoderEnforceMaxRstFramesPerWindow(server ? 100 : 0, server ? 10 : 0);
            decoderEnforceMaxConsecutiveEmptyDataFrames(2);
            encoderEnforceMaxQueuedControlFrames(1000);
            decoderEnforceMaxSmallContinuationFrames(8);
        }

        @Override
        protected Http2Endpoint build(Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings settings) {
            Http2Endpoint made = maker.apply(new Parts(decoder, encoder, settings));
            ((Frames) frameListener()).endpoint = made;
            return made;
        }

        Http2Endpoint make() {
            return build();
        }
    }

    // ---- life

    @Override
    public void handlerAdded(ChannelHandlerContext added) throws Exception {
        context = added;
        super.handlerAdded(added);
        int more = options.connectionWindow() - INITIAL_WINDOW;
        if (more > 0) {
            connection().local().flowController().incrementWindowSize(connection().connectionStream(), more);
        }
        added.channel().config().setAutoRead(true);
        mark();
    }

    @Override
    public void channelRead(ChannelHandlerContext from, Object message) throws Exception {
        if (message instanceof ByteBuf data) {
            bytesRead += data.readableBytes();
        }
        super.channelRead(from, message);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext from, Object event) throws Exception {
        if (event instanceof ChannelInputShutdownEvent) {
            from.close();
        }
        super.userEventTriggered(from, event);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext from, Throwable cause) throws Exception {
        if (cause instanceof IOException || cause.getCause() instanceof SSLException) {
            from.close();
        } else {
            super.exceptionCaught(from, cause);
        }
    }

    @Override
    protected void onStreamError(ChannelHandlerContext from, boolean outbound, Throwable cause, Http2Exception.StreamException error) {
        Http2Stream stream = connection().stream(error.streamId());
        Exchange exchange = stream == null ? null : exchange(stream);
        if (exchange != null) {
            exchange.failed(StreamReset.PROTOCOL_ERROR, "http2.protocol_error");
        }
        super.onStreamError(from, outbound, cause, error);
    }

    final ChannelHandlerContext context() {
        ChannelHandlerContext known = context;
        if (known == null) {
            throw new IllegalStateException("not in a pipeline yet");
        }
        return known;
    }

    public final long bytesRead() {
        return bytesRead;
    }

    public final long bytesWritten() {
        return bytesWritten;
    }

    // ---- exchanges

    final @Nullable Exchange exchange(Http2Stream stream) {
        return stream.getProperty(key);
    }

    final void attach(Http2Stream stream, Exchange exchange) {
        stream.setProperty(key, exchange);
        exchange.stream = stream;
    }

    /** The stream is gone: regularly, reset by either side, or with the connection. */
    abstract void closed(Exchange exchange);

    abstract void onHeaders(int id, Http2Headers headers, boolean end) throws Http2Exception;

    abstract StreamReset resetReason(long code);

    void onGoAway(int lastStream) {}

    void onPingAck() {}

    // ---- writing

    final boolean isWritable(Http2Stream stream) {
        return encoder().flowController().isWritable(stream);
    }

    final void writeHeaders(int id, Http2Headers headers, boolean end) {
        bytesWritten += 64;
        budget.earn(1);
        encoder().writeHeaders(context(), id, headers, 0, end, context().newPromise());
        mark();
    }

    final void writeData(int id, ByteBuf data, boolean end) {
        bytesWritten += data.readableBytes() + 9;
        budget.earn(1 + data.readableBytes() / FRAME);
        encoder().writeData(context(), id, data, 0, end, context().newPromise());
        mark();
    }

    final void reset(int id, Http2Error code) {
        resetStream(context(), id, code.code(), context().newPromise());
        mark();
    }

    final void consumed(@Nullable Http2Stream stream, int bytes) {
        if (stream == null || connection().stream(stream.id()) == null) {
            return;
        }
        try {
            if (connection().local().flowController().consumeBytes(stream, bytes)) {
                mark();
            }
        } catch (Http2Exception e) {
            onError(context(), false, e);
        }
    }

    final void later(Runnable task) {
        context().executor().execute(task);
    }

    /** Something was written; one flush for the whole turn of the loop. */
    final void mark() {
        if (!flushScheduled) {
            flushScheduled = true;
            later(() -> {
                flushScheduled = false;
                flush(context());
            });
        }
    }

    /** Frames as they come. */
    private static final class Frames extends Http2FrameAdapter {
        private @Nullable Http2Endpoint endpoint;

        private Http2Endpoint to() {
            Http2Endpoint known = endpoint;
            if (known == null) {
                throw new IllegalStateException("not built yet");
            }
            return known;
        }

        private @Nullable Exchange exchange(int id) {
            Http2Stream stream = to().connection().stream(id);
            return stream == null ? null : to().exchange(stream);
        }

        @Override
        public int onDataRead(ChannelHandlerContext from, int id, ByteBuf data, int padding, boolean end) {
            to().budget.earn(1);
            Exchange exchange = exchange(id);
            int size = data.readableBytes();
            return padding + (exchange == null ? size : exchange.received(size == 0 ? Unpooled.EMPTY_BUFFER : data.retain(), end));
        }

        @Override
        public void onHeadersRead(ChannelHandlerContext from, int id, Http2Headers headers, int padding, boolean end) throws Http2Exception {
            to().budget.earn(1);
            to().onHeaders(id, headers, end);
        }

        @Override
        public void onHeadersRead(
                ChannelHandlerContext from, int id, Http2Headers headers, int dependency, short weight, boolean exclusive, int padding, boolean end)
                throws Http2Exception {
            onHeadersRead(from, id, headers, padding, end);
        }

        @Override
        public void onRstStreamRead(ChannelHandlerContext from, int id, long code) {
            Exchange exchange = exchange(id);
            if (exchange != null) {
                exchange.failed(to().resetReason(code), "");
            }
        }

        @Override
        public void onPriorityRead(ChannelHandlerContext from, int id, int dependency, short weight, boolean exclusive) throws Http2Exception {
            to().budget.spend("PRIORITY");
        }

        @Override
        public void onSettingsRead(ChannelHandlerContext from, Http2Settings settings) throws Http2Exception {
            to().budget.spend("SETTINGS");
        }

        @Override
        public void onPingRead(ChannelHandlerContext from, long data) throws Http2Exception {
            to().budget.spend("PING");
        }

        @Override
        public void onPingAckRead(ChannelHandlerContext from, long data) {
            to().onPingAck();
        }

        @Override
        public void onWindowUpdateRead(ChannelHandlerContext from, int id, int increment) throws Http2Exception {
            to().budget.spend("WINDOW_UPDATE");
        }

        @Override
        public void onGoAwayRead(ChannelHandlerContext from, int lastStream, long code, ByteBuf debug) {
            to().onGoAway(lastStream);
        }
    }
}
