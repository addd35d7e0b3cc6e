package dev.outrider.proxy.datapath.protocol;

import dev.outrider.proxy.connection.ConnectionProgram.Drainable.Cause;
import dev.outrider.proxy.connection.ConnectionProgram.Drainable.Drain;
import dev.outrider.proxy.connection.DownstreamConnection;
import dev.outrider.proxy.connection.StreamInfo;
import dev.outrider.proxy.datapath.protocol.head.XfccHeader;
import dev.outrider.proxy.failure.ResponseFlag;
import dev.outrider.proxy.http.HttpStream;
import dev.outrider.proxy.http.RequestHead;
import dev.outrider.proxy.http.ResponseHead;
import dev.outrider.proxy.http.StreamAcceptor;
import dev.outrider.proxy.http.StreamEvents;
import dev.outrider.proxy.telemetry.accesslog.LogContext;
import dev.outrider.xds.model.Listener;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.ArrayDeque;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One client connection that speaks HTTP: its exchanges, idle timer and draining. Handler before the codec, which it installs;
 * loop-confined. */
final class HttpConnection extends ChannelInboundHandlerAdapter implements StreamAcceptor, IdleClosing.Leaving {

    /** Refusals of requests that are no protocol errors. */
    private static final Set<String> WELL_FORMED = Set.of("missing_host_header", "absolute_path_rejected", "upgrade_failed");

    /** Streams of HTTP/2 come and go in numbers; what an idle connection keeps for them is bounded. */
    private static final int MAX_SPARE = 4;

    final HttpProgram program;
    final DownstreamConnection downstream;
    final RequestRouting routing;
    private final EventLoop loop;
    private final Channel channel;
    private boolean http2;
    private boolean codecKnown;
    private boolean draining;
    private boolean leaving;
    private boolean closed;
    private int active;
    private boolean asked;
    private long idleSince = System.nanoTime();
    /** Exchanges that are over, for requests to come. */
    private final ArrayDeque<Exchange> spare = new ArrayDeque<>(1);
    private @Nullable Future<?> idleTimer;
    private @Nullable Future<?> durationTimer;

    HttpConnection(HttpProgram program, DownstreamConnection downstream) {
        this.program = program;
        this.downstream = downstream;
        channel = downstream.channel();
        loop = channel.eventLoop();
        routing = new RequestRouting(program, new XfccHeader(program.model.forwarding(), downstream.tls()));
        program.stats.cxTotal.inc();
        program.stats.cxActive.inc();
        if (downstream.tls() != null) {
            program.stats.cxSslTotal.inc();
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        long idle = program.model.timeouts().idleNanos();
        if (idle > 0) {
            idleTimer = loop.schedule(this::checkIdle, idle, TimeUnit.NANOSECONDS);
        }
        long most = program.model.timeouts().maxConnectionDurationNanos();
        if (most > 0) {
            durationTimer = loop.schedule(() -> {
                program.stats.cxMaxDuration.inc();
                drain(true);
            }, most, TimeUnit.NANOSECONDS);
        }
    }

    void installCodec(ChannelPipeline pipeline, boolean two) {
        speak(two);
        program.codec.install(pipeline, two, downstream, this);
    }

    private void speak(boolean two) {
        http2 = two;
        codecKnown = true;
        (two ? program.stats.cxHttp2Total : program.stats.cxHttp1Total).inc();
        (two ? program.stats.cxHttp2Active : program.stats.cxHttp1Active).inc();
    }

    EventLoop loop() {
        return loop;
    }

    boolean http2() {
        return http2;
    }

    boolean inbound() {
        return downstream.listener().direction() == Listener.Direction.INBOUND;
    }

    /** Whether each answer from now on ends the connection. */
    boolean ending() {
        return draining || program.environment.failing().getAsBoolean();
    }

    // ---- streams

    @Override
    public StreamEvents.Request onStream(HttpStream.Response stream) {
        assert loop.inEventLoop();
        active++;
        asked = true;
        (http2 ? program.stats.rqHttp2 : program.stats.rqHttp1).inc();
        Exchange exchange = spare.pollLast();
        if (exchange == null) {
            exchange = new Exchange(this);
        }
        exchange.begin(stream);
        return exchange;
    }

    @Override
    public void onRefused(int status, String details, long bytesReceived, long bytesSent) {
        refused(status, details, bytesReceived, null);
    }

    @Override
    public void onRefused(int status, String details, long bytesReceived, long bytesSent, RequestHead head) {
        refused(status, details, bytesReceived, head);
    }

    /** The codec was chosen before the first bytes, and they are not its protocol. Nothing is answered. */
    void protocolError() {
        program.stats.cxProtocolError.inc();
        downstream.flag(ResponseFlag.DPE);
        channel.close();
    }

    private void refused(int status, String details, long bytesReceived, @Nullable RequestHead head) {
        program.stats.rqTotal.inc();
        program.stats.cxProtocolError.inc();
        program.stats.answered(status);
        StreamInfo info = new StreamInfo(downstream);
        info.startMillis = System.currentTimeMillis();
        info.startNanos = System.nanoTime();
        info.endNanos = info.startNanos;
        info.protocol = http2 ? "HTTP/2" : "HTTP/1.1";
        info.responseCode = status;
        info.responseCodeDetails = details;
        info.lastDownstreamTxNanos = info.endNanos;
        if (!WELL_FORMED.contains(details)) {
            info.flag(ResponseFlag.DPE);
            downstream.flag(ResponseFlag.DPE);
        }
        info.wireBytesReceived = bytesReceived;
        if (head != null) {
            info.headerBytesReceived = head.fieldBytes();
            if (details.equals("upgrade_failed")) {
                // Only this refusal comes after routing.
                routing.route(head, info);
            } else {
                info.lastRequestByteNanos = info.startNanos;
            }
        }
        ResponseHead answer = null;
        if (status > 0) {
            answer = new ResponseHead();
            answer.reset(status);
        }
        LogContext log = new LogContext(info, head, answer);
        log.type = "DownstreamEnd";
        program.logs.log(log);
    }

    /** An exchange is over; {@code reusable}: nothing of its stream can come any more. */
    void ended(Exchange exchange, boolean reusable) {
        active--;
        if (active == 0) {
            idleSince = System.nanoTime();
        }
        exchange.filters().log.release();
        if (reusable && !closed && spare.size() < MAX_SPARE) {
            spare.addLast(exchange);
        } else {
            exchange.timers.close();
        }
    }

    // ---- the connection's end

    private void checkIdle() {
        if (closed) {
            return;
        }
        long idle = program.model.timeouts().idleNanos();
        long left = active > 0 ? idle : idle - (System.nanoTime() - idleSince);
        if (left <= 0) {
            program.stats.cxIdleTimeout.inc();
            channel.close();
        } else {
            idleTimer = loop.schedule(this::checkIdle, left, TimeUnit.NANOSECONDS);
        }
    }

    /**
     * {@code idleToo}: closes where nothing is under way; but a client that has only just connected is about to ask, and is answered first, and so
     * is a request that has arrived and was not read yet. HTTP/2 has its own way to say so (GOAWAY), which its codec goes.
     */
    private void drain(boolean idleToo) {
        if (closed) {
            return;
        }
        if (!draining) {
            draining = true;
            program.stats.cxDrainClose.inc();
        }
        if (idleToo && !leaving && asked && active == 0 && !http2) {
            leaving = true;
            program.closing(loop).add(this);
        }
    }

    @Override
    public boolean idle() {
        return !closed && active == 0;
    }

    @Override
    public long idleSince() {
        return idleSince;
    }

    @Override
    public void close() {
        channel.close();
    }

    private static void cancel(@Nullable Future<?> timer) {
        if (timer != null) {
            timer.cancel(false);
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) {
        if (event instanceof Drain drain && drain.cause() != Cause.UNHEALTHY) {
            drain(drain.cause() == Cause.EXIT);
        }
        context.fireUserEventTriggered(event);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
        if (!closed) {
            closed = true;
            cancel(idleTimer);
            cancel(durationTimer);
            spare.forEach(one -> one.timers.close());
            spare.clear();
            program.stats.cxActive.dec();
            program.stats.cxDestroy.inc();
            program.stats.cxLength.record((System.nanoTime() - downstream.startNanos()) / 1_000_000);
            if (codecKnown) {
                (http2 ? program.stats.cxHttp2Active : program.stats.cxHttp1Active).dec();
            }
            if (active > 0) {
                program.stats.cxDestroyRemoteActiveRq.inc();
            }
        }
        context.fireChannelInactive();
    }
}
