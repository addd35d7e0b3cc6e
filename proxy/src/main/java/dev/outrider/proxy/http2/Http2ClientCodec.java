package dev.outrider.proxy.http2;

import dev.outrider.proxy.http.Headers;
import dev.outrider.proxy.http.HttpStream;
import dev.outrider.proxy.http.ResponseHead;
import dev.outrider.proxy.http.StreamEvents;
import dev.outrider.proxy.http.StreamReset;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The client side of HTTP/2 on one upstream connection, last in its pipeline. Its owner hears when streams end. Loop-confined. */
public final class Http2ClientCodec extends Http2Endpoint {

    private final Owner owner;
    private final ResponseHead head = new ResponseHead();
    private final Headers trailers = new Headers();
    private int open;
    private boolean goingAway;
    private boolean closing;
    private boolean told;
    private boolean pingPending;
    private @Nullable Future<?> keepalive;

    /** Who lends the connection out. */
    public interface Owner {

        /** A stream ended. */
        void onFree();

        /** The channel is closed; told once. */
        void onClosed(boolean byPeer);
    }

    private Http2ClientCodec(Parts parts, Http2Options options, Owner owner) {
        super(parts, options);
        this.owner = owner;
    }

    public static Http2ClientCodec make(Http2Options options, Owner owner) {
        return (Http2ClientCodec) new Builder(false, options, parts -> new Http2ClientCodec(parts, options, owner)).make();
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) throws Exception {
        super.handlerAdded(added);
        if (options.keepaliveIntervalNanos() > 0) {
            keepalive = added.executor().schedule(this::ping, options.keepaliveIntervalNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private void ping() {
        pingPending = true;
        encoder().writePing(context(), false, System.nanoTime(), context().newPromise());
        mark();
        keepalive = context().executor().schedule(this::pong, Math.max(1, options.keepaliveTimeoutNanos()), TimeUnit.NANOSECONDS);
    }

    private void pong() {
        if (pingPending) {
            context().close();
        } else {
            keepalive = context().executor().schedule(this::ping, options.keepaliveIntervalNanos(), TimeUnit.NANOSECONDS);
        }
    }

    @Override
    void onPingAck() {
        pingPending = false;
    }

    // ---- requests

    /** Whether another stream may be opened: our limit, the peer's, and no GOAWAY. */
    public boolean hasRoom() {
        return !goingAway && !closing && open < Math.min(options.maxConcurrentStreams(), connection().local().maxActiveStreams());
    }

    public HttpStream.Request open(StreamEvents.Response events) {
        open++;
        return new ClientExchange(this, events);
    }

    void begin(ClientExchange exchange, Http2Headers headers, boolean end) {
        int id = connection().local().incrementAndGetNextStreamId();
        if (id < 0) {
            goingAway = true;
            failLater(exchange, StreamReset.LOCAL_REFUSED_STREAM, "");
            return;
        }
        writeHeaders(id, headers, end);
        Http2Stream stream = connection().stream(id);
        if (stream == null) {
            failLater(exchange, StreamReset.LOCAL_REFUSED_STREAM, "");
            return;
        }
        exchange.localEnded = end;
        attach(stream, exchange);
    }

    void failLater(ClientExchange exchange, StreamReset reason, String details) {
        later(() -> {
            exchange.failed(reason, details);
            ended(exchange);
        });
    }

    void ended(ClientExchange exchange) {
        if (!exchange.told) {
            exchange.told = true;
            open--;
            later(() -> {
                if (!told) {
                    owner.onFree();
                }
            });
        }
    }

    // ---- responses

    @Override
    void onHeaders(int id, Http2Headers headers, boolean end) throws Http2Exception {
        Http2Stream stream = connection().stream(id);
        if (stream == null || !(exchange(stream) instanceof ClientExchange exchange) || exchange.over) {
            return;
        }
        if (exchange.headReceived) {
            trailers.clear();
            if (!end || fields.read(headers, trailers, true) != Fields.Outcome.GOOD) {
                throw malformed(id, exchange);
            }
            exchange.receivedTrailers(trailers);
            return;
        }
        int status = status(headers.status());
        head.reset(status);
        boolean interim = status >= 100 && status < 200;
        if (status < 100 || status == 101 || interim && end || fields.read(headers, head.headers(), false) != Fields.Outcome.GOOD) {
            throw malformed(id, exchange);
        }
        if (interim) {
            exchange.receiver.onInformational(head);
            return;
        }
        if (status == 200 && !exchange.upgrade.isEmpty() && !end) {
            // What HTTP/1 says with 101 (RFC 8441 §5).
            head.status(101);
            head.upgrade(exchange.upgrade);
        }
        exchange.headReceived = true;
        exchange.peerEnded = end;
        exchange.receiver.onHead(head, end);
        if (end) {
            exchange.afterPeerEnd();
        }
    }

    private static int status(@Nullable CharSequence text) {
        if (text == null || text.length() != 3) {
            return -1;
        }
        int value = 0;
        for (int i = 0; i < 3; i++) {
            int digit = text.charAt(i) - '0';
            if (digit < 0 || digit > 9) {
                return -1;
            }
            value = value * 10 + digit;
        }
        return value;
    }

    private static Http2Exception malformed(int id, ClientExchange exchange) {
        exchange.failed(StreamReset.PROTOCOL_ERROR, "http2.invalid.header.field");
        return Http2Exception.streamError(id, Http2Error.PROTOCOL_ERROR, "malformed response");
    }

    @Override
    void closed(Exchange exchange) {
        ClientExchange mine = (ClientExchange) exchange;
        if (!exchange.peerEnded && !exchange.endWaits()) {
            boolean lives = context().channel().isActive();
            exchange.failed(lives ? goingAway ? StreamReset.REMOTE_REFUSED_STREAM : StreamReset.REMOTE_RESET : StreamReset.CONNECTION_TERMINATION, "");
        }
        ended(mine);
    }

    @Override
    StreamReset resetReason(long code) {
        return code == Http2Error.REFUSED_STREAM.code() ? StreamReset.REMOTE_REFUSED_STREAM : StreamReset.REMOTE_RESET;
    }

    @Override
    void onGoAway(int lastStream) {
        goingAway = true;
        if (open == 0) {
            close();
        }
    }

    // ---- the end

    /** Sends GOAWAY and closes; streams still open are reset with the channel's end. */
    public void close() {
        closing = true;
        gracefulShutdownTimeoutMillis(0);
        context().channel().close();
    }

    @Override
    public void channelInactive(ChannelHandlerContext from) throws Exception {
        Future<?> timer = keepalive;
        if (timer != null) {
            timer.cancel(false);
        }
        super.channelInactive(from);
        if (!told) {
            told = true;
            owner.onClosed(!closing);
        }
    }
}
