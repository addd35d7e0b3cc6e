package dev.outrider.proxy.datapath.upstream;

import dev.outrider.proxy.connection.TlsPeer;
import dev.outrider.proxy.http.HttpStream;
import dev.outrider.proxy.http.StreamEvents;
import dev.outrider.proxy.http1.Http1ClientCodec;
import dev.outrider.proxy.http1.Http1Settings;
import dev.outrider.proxy.http2.Http2ClientCodec;
import dev.outrider.proxy.http2.Http2Options;
import io.netty.channel.Channel;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** One upstream connection of a pool: its codec, its idle timer and its accounts. Loop-confined. */
final class PooledConnection implements Http1ClientCodec.Owner, Http2ClientCodec.Owner {

    private static final AtomicLong IDS = new AtomicLong();

    private final long id = IDS.incrementAndGet();
    private final HttpPool pool;
    private final Channel channel;
    private final @Nullable TlsPeer tls;
    private final boolean permit;
    private final @Nullable Http1ClientCodec one;
    private final @Nullable Http2ClientCodec two;
    private long served;
    private long bytesRead;
    private long bytesWritten;
    private int active;
    private boolean ending;
    private boolean gone;
    private long idleSince = System.nanoTime();
    private StreamPool.@Nullable Connected described;
    private @Nullable Future<?> idleTimer;
    private @Nullable Future<?> durationTimer;
    /** Whether the pool's list of free connections holds it. */
    boolean listed;

    PooledConnection(HttpPool pool, Channel channel, @Nullable TlsPeer tls, boolean http2, boolean permit) {
        this.pool = pool;
        this.channel = channel;
        this.tls = tls;
        this.permit = permit;
        var options = pool.key().origin().http();
        one = http2 ? null : new Http1ClientCodec(Http1Settings.of(options), this);
        two = http2 ? Http2ClientCodec.make(Http2Options.of(options), this) : null;
    }

    void install() {
        var options = pool.key().origin().http();
        if (options.idleTimeoutNanos() > 0) {
            idleTimer = pool.loop().schedule(this::checkIdle, options.idleTimeoutNanos(), TimeUnit.NANOSECONDS);
        }
        if (options.maxConnectionDurationNanos() > 0) {
            durationTimer = pool.loop().schedule(this::closeWhenIdle, options.maxConnectionDurationNanos(), TimeUnit.NANOSECONDS);
        }
        channel.pipeline().addLast("http", one != null ? one : codec2());
        if (!channel.isActive()) {
            onClosed(true);
        }
    }

    private Http2ClientCodec codec2() {
        if (two == null) {
            throw new IllegalStateException("no codec");
        }
        return two;
    }

    boolean hasRoom() {
        if (ending || gone || !channel.isActive()) {
            return false;
        }
        long most = pool.key().origin().http().maxRequestsPerConnection();
        return (most == 0 || served < most) && (one != null ? one.isFree() : codec2().hasRoom());
    }

    HttpStream.Request open(StreamEvents.Response events) {
        served++;
        active++;
        return one != null ? one.open(events) : codec2().open(events);
    }

    StreamPool.Connected describe() {
        StreamPool.Connected known = described;
        if (known == null || known.reused() != served > 0) {
            known = new StreamPool.Connected(id, channel.remoteAddress(), channel.localAddress(), tls, two != null, served > 0);
            described = known;
        }
        return known;
    }

    @Override
    public void onFree() {
        active--;
        idleSince = System.nanoTime();
        account();
        long most = pool.key().origin().http().maxRequestsPerConnection();
        if (active == 0 && (ending || most > 0 && served >= most)) {
            close();
        } else {
            pool.freed(this);
        }
    }

    @Override
    public void onClosed(boolean byPeer) {
        if (gone) {
            return;
        }
        gone = true;
        cancel(idleTimer);
        cancel(durationTimer);
        account();
        var limits = pool.key().origin().limits();
        limits.closed(byPeer, active > 0);
        if (permit) {
            limits.releaseConnection();
        }
        pool.closed(this);
    }

    private static void cancel(@Nullable Future<?> timer) {
        if (timer != null) {
            timer.cancel(false);
        }
    }

    private void account() {
        long read = one != null ? one.bytesRead() : codec2().bytesRead();
        long written = one != null ? one.bytesWritten() : codec2().bytesWritten();
        pool.key().origin().limits().bytes(read - bytesRead, written - bytesWritten);
        bytesRead = read;
        bytesWritten = written;
    }

    private void checkIdle() {
        long timeout = pool.key().origin().http().idleTimeoutNanos();
        long left = active > 0 ? timeout : timeout - (System.nanoTime() - idleSince);
        if (left <= 0) {
            close();
        } else {
            idleTimer = pool.loop().schedule(this::checkIdle, left, TimeUnit.NANOSECONDS);
        }
    }

    /** Takes no further request, and closes when the last one is done. */
    void closeWhenIdle() {
        ending = true;
        if (active == 0) {
            close();
        }
    }

    void close() {
        ending = true;
        if (one != null) {
            one.close();
        } else {
            codec2().close();
        }
    }
}
