package dev.outrider.proxy.app.sidecar;

import dev.outrider.proxy.connection.TlsPeer;
import dev.outrider.proxy.datapath.upstream.Connector;
import dev.outrider.proxy.datapath.upstream.Origin;
import dev.outrider.proxy.datapath.upstream.StreamPool;
import dev.outrider.proxy.http.StreamEvents;
import dev.outrider.proxy.http.StreamReset;
import dev.outrider.proxy.http1.Http1ClientCodec;
import dev.outrider.proxy.http1.Http1Settings;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Upstream HTTP/1.1 connections of one loop: the one used last is used next. Loop-confined. */
final class Http1Connections implements StreamPool {

    private static final AtomicLong IDS = new AtomicLong();

    private record Key(Origin origin, List<String> alpn, String sni) {}

    private static final class Bucket {
        final ArrayDeque<Lent> idle = new ArrayDeque<>();
        final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
        int open;
    }

    private final EventLoop loop;
    private final Connector connector;
    private final Map<Key, Bucket> buckets = new HashMap<>();

    Http1Connections(EventLoop loop, Connector connector) {
        this.loop = loop;
        this.connector = connector;
    }

    @Override
    public Request stream(
            Origin origin, boolean http2, List<String> alpn, String sniOverride, StreamEvents.Response events, StreamPool.Waiter waiter) {
        assert loop.inEventLoop();
        Key key = new Key(origin, alpn, sniOverride);
        Waiting request = new Waiting(key, events, waiter);
        if (http2) {
            waiter.onFailure(StreamReset.CONNECTION_FAILURE, "HTTP/2 upstreams are not supported");
            return request;
        }
        Bucket bucket = buckets.computeIfAbsent(key, k -> new Bucket());
        Lent free = bucket.idle.pollLast();
        if (free != null) {
            free.carry(request, true);
            return request;
        }
        if (!origin.limits().tryPending()) {
            waiter.onFailure(StreamReset.OVERFLOW, "");
            return request;
        }
        request.pending = true;
        bucket.waiting.addLast(request);
        dial(key, bucket);
        return request;
    }

    private void dial(Key key, Bucket bucket) {
        if (!key.origin.limits().tryConnection()) {
            return;
        }
        bucket.open++;
        var unused = connector.connect(key.origin, loop, key.alpn, key.sni, new Connector.Waiter() {
            @Override
            public void onConnected(Channel channel, @Nullable TlsPeer tls) {
                key.origin.limits().connected(false);
                new Lent(key, bucket, channel, tls).begin();
            }

            @Override
            public void onFailure(StreamReset reason, String details) {
                released(key, bucket);
                Waiting first = bucket.waiting.pollFirst();
                if (first != null) {
                    first.leave();
                    first.waiter.onFailure(reason, details);
                }
            }
        });
    }

    private void released(Key key, Bucket bucket) {
        bucket.open--;
        key.origin.limits().releaseConnection();
        if (bucket.open == 0 && bucket.waiting.isEmpty() && bucket.idle.isEmpty()) {
            buckets.remove(key, bucket);
        }
    }

    @Override
    public void drain(Origin origin) {
        for (Map.Entry<Key, Bucket> entry : List.copyOf(buckets.entrySet())) {
            if (entry.getKey().origin.equals(origin)) {
                List.copyOf(entry.getValue().idle).forEach(Lent::close);
                entry.getValue().idle.clear();
            }
        }
    }

    private static final class Waiting implements Request {
        private final Key key;
        private final StreamEvents.Response events;
        private final StreamPool.Waiter waiter;
        private boolean pending;
        private boolean cancelled;

        Waiting(Key key, StreamEvents.Response events, StreamPool.Waiter waiter) {
            this.key = key;
            this.events = events;
            this.waiter = waiter;
        }

        void leave() {
            if (pending) {
                pending = false;
                key.origin.limits().releasePending();
            }
        }

        @Override
        public void cancel() {
            cancelled = true;
            leave();
        }
    }

    /** One connection, idle or carrying a request. */
    private final class Lent implements Http1ClientCodec.Owner {
        private final Key key;
        private final Bucket bucket;
        private final Channel channel;
        private final @Nullable TlsPeer tls;
        private final long id = IDS.incrementAndGet();
        private final Http1ClientCodec codec;
        private long carried;
        private boolean busy;
        private @Nullable ScheduledFuture<?> idleTimer;

        Lent(Key key, Bucket bucket, Channel channel, @Nullable TlsPeer tls) {
            this.key = key;
            this.bucket = bucket;
            this.channel = channel;
            this.tls = tls;
            codec = new Http1ClientCodec(Http1Settings.of(key.origin.http()), this);
        }

        void begin() {
            channel.pipeline().addLast("http1", codec);
            next(false);
        }

        private void next(boolean reused) {
            Waiting request = bucket.waiting.pollFirst();
            while (request != null && request.cancelled) {
                request = bucket.waiting.pollFirst();
            }
            if (request != null) {
                request.leave();
                carry(request, reused);
                return;
            }
            bucket.idle.addLast(this);
            long idleNanos = key.origin.http().idleTimeoutNanos();
            if (idleNanos > 0) {
                idleTimer = loop.schedule(this::close, idleNanos, TimeUnit.NANOSECONDS);
            }
        }

        void carry(Waiting request, boolean reused) {
            ScheduledFuture<?> timer = idleTimer;
            if (timer != null) {
                timer.cancel(false);
                idleTimer = null;
            }
            busy = true;
            carried++;
            request.waiter.onStream(
                    codec.open(request.events),
                    new Connected(id, channel.remoteAddress(), channel.localAddress(), tls, false, reused));
        }

        @Override
        public void onFree() {
            busy = false;
            long most = key.origin.http().maxRequestsPerConnection();
            if (most > 0 && carried >= most) {
                close();
            } else {
                next(true);
            }
        }

        @Override
        public void onClosed(boolean byPeer) {
            ScheduledFuture<?> timer = idleTimer;
            if (timer != null) {
                timer.cancel(false);
            }
            bucket.idle.remove(this);
            key.origin.limits().closed(byPeer, busy);
            released(key, bucket);
            if (!bucket.waiting.isEmpty()) {
                dial(key, buckets.computeIfAbsent(key, k -> bucket));
            }
        }

        void close() {
            channel.close();
        }
    }
}
