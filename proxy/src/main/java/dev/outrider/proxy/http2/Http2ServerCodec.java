package dev.outrider.proxy.http2;

import dev.outrider.proxy.connection.ConnectionProgram.Drainable.Drain;
import dev.outrider.proxy.http.Headers;
import dev.outrider.proxy.http.RequestHead;
import dev.outrider.proxy.http.StreamAcceptor;
import dev.outrider.proxy.http.StreamReset;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The server side of HTTP/2 on one client connection, last in its pipeline; the preface is its own to read. A malformed request is a
 * stream error (RFC 9113 §8.1.1), told to the acceptor as refused with status 0. Loop-confined.
 */
public final class Http2ServerCodec extends Http2Endpoint {

    /** How long a first GOAWAY waits for its PING before the second one names the last stream. */
    private static final long DRAIN_STEP_MILLIS = 1000;

    private final StreamAcceptor acceptor;
    private final RequestHead head = new RequestHead();
    private final Headers trailers = new Headers();
    private boolean draining;
    private boolean drained;
    private @Nullable Future<?> drainStep;

    private Http2ServerCodec(Parts parts, Http2Options options, StreamAcceptor acceptor) {
        super(parts, options);
        this.acceptor = acceptor;
    }

    public static Http2ServerCodec make(Http2Options options, StreamAcceptor acceptor) {
        return (Http2ServerCodec) new Builder(true, options, parts -> new Http2ServerCodec(parts, options, acceptor)).make();
    }

    // ---- requests

    @Override
    void onHeaders(int id, Http2Headers headers, boolean end) throws Http2Exception {
        Http2Stream stream = connection().stream(id);
        if (stream == null) {
            return;
        }
        Exchange known = exchange(stream);
        if (known != null) {
            trailers(id, known, headers, end);
            return;
        }
        CharSequence protocol = headers.get(Http2Headers.PseudoHeaderName.PROTOCOL.value());
        CharSequence method = headers.method();
        CharSequence path = headers.path();
        boolean connect = method != null && method.toString().equals("CONNECT");
        boolean tunnel = connect && protocol != null;
        if (method == null || tunnel && !options.allowConnect() || protocol != null && !connect) {
            throw malformed(id);
        }
        if (connect && !tunnel) {
            refuse(id, 403, "upgrade_failed");
            return;
        }
        if (path == null || path.isEmpty() || headers.scheme() == null || !Fields.startLineSafe(path) || !Fields.startLineSafe(method)) {
            throw malformed(id);
        }
        head.reset(tunnel ? "GET" : method.toString(), path.toString(), "", options.scheme(), RequestHead.Protocol.HTTP_2);
        switch (fields.read(headers, head.headers(), false)) {
            case MALFORMED -> throw malformed(id);
            case TOO_MANY -> throw refused(id, Http2Error.INTERNAL_ERROR, "http2.too_many_headers");
            case GOOD -> {}
        }
        authority(id, headers);
        if (head.authority().isEmpty() && headers.authority() == null && fields.host == null) {
            refuse(id, 400, "missing_host_header");
            return;
        }
        if (tunnel) {
            head.upgrade(protocol.toString());
        }
        begin(stream, end && !tunnel, tunnel);
    }

    private void authority(int id, Http2Headers headers) throws Http2Exception {
        CharSequence authority = headers.authority();
        String host = fields.host;
        String text = authority != null ? authority.toString() : host == null ? "" : host;
        if (host != null && !host.equals(text) || !Fields.startLineSafe(text) || text.indexOf('/') >= 0 || text.indexOf(',') >= 0) {
            throw malformed(id);
        }
        head.authority(text);
    }

    private void begin(Http2Stream stream, boolean end, boolean tunnel) {
        ServerExchange exchange = new ServerExchange(this, tunnel);
        attach(stream, exchange);
        exchange.peerEnded = end;
        var receiver = acceptor.onStream(exchange);
        exchange.receiver = receiver;
        if (!exchange.over) {
            receiver.onHead(head, end);
        }
    }

    private void trailers(int id, Exchange exchange, Http2Headers headers, boolean end) throws Http2Exception {
        trailers.clear();
        if (!end || fields.read(headers, trailers, true) != Fields.Outcome.GOOD) {
            exchange.failed(StreamReset.PROTOCOL_ERROR, "http2.invalid.header.field");
            throw Http2Exception.streamError(id, Http2Error.PROTOCOL_ERROR, "malformed trailers");
        }
        exchange.receivedTrailers(trailers);
    }

    private Http2Exception malformed(int id) {
        return refused(id, Http2Error.PROTOCOL_ERROR, "http2.invalid.header.field");
    }

    private Http2Exception refused(int id, Http2Error code, String details) {
        acceptor.onRefused(0, details, 0, 0);
        return Http2Exception.streamError(id, code, "%s", details);
    }

    private void refuse(int id, int status, String details) {
        acceptor.onRefused(status, details, 0, 0);
        writeHeaders(id, new DefaultHttp2Headers(false).status(Integer.toString(status)), true);
        Http2Stream stream = connection().stream(id);
        if (stream != null && stream.state().remoteSideOpen()) {
            reset(id, Http2Error.NO_ERROR);
        }
    }

    @Override
    void closed(Exchange exchange) {
        boolean whole = exchange.localEnded && (exchange.peerEnded || exchange.endWaits());
        if (!whole) {
            exchange.failed(context().channel().isActive() ? StreamReset.REMOTE_RESET : StreamReset.DOWNSTREAM_GONE, "downstream_remote_disconnect");
        }
    }

    @Override
    StreamReset resetReason(long code) {
        return code == Http2Error.REFUSED_STREAM.code() ? StreamReset.REMOTE_REFUSED_STREAM : StreamReset.REMOTE_RESET;
    }

    // ---- draining (RFC 9113 §6.8)

    /** Announces the end first, names the last stream a round trip later, and closes when all streams are done. */
    public void drain() {
        if (draining) {
            return;
        }
        draining = true;
        goAway(context(), Integer.MAX_VALUE, Http2Error.NO_ERROR.code(), Unpooled.EMPTY_BUFFER, context().newPromise());
        encoder().writePing(context(), false, 0, context().newPromise());
        mark();
        drainStep = context().executor().schedule(this::lastStep, DRAIN_STEP_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    void onPingAck() {
        if (draining) {
            lastStep();
        }
    }

    private void lastStep() {
        Future<?> timer = drainStep;
        if (timer != null) {
            timer.cancel(false);
        }
        if (drained || !context().channel().isActive()) {
            return;
        }
        drained = true;
        context().channel().close();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext from, Object event) throws Exception {
        if (event instanceof Drain drain) {
            gracefulShutdownTimeoutMillis(TimeUnit.NANOSECONDS.toMillis(drain.drainNanos()));
            drain();
        }
        super.userEventTriggered(from, event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext from) throws Exception {
        Future<?> timer = drainStep;
        if (timer != null) {
            timer.cancel(false);
        }
        super.channelInactive(from);
    }
}
