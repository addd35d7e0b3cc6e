package dev.outrider.proxy.datapath.upstream;

import dev.outrider.proxy.connection.TlsPeer;
import dev.outrider.proxy.http.StreamEvents;
import dev.outrider.proxy.http.StreamReset;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one loop to one origin under one protocol and ALPN list, the last used first. A request waits (one pending permit)
 * while a connection is made for it, or while all that may be made are busy. Loop-confined.
 */
final class HttpPool {

    private static final List<String> HTTP2 = List.of("h2");

    private final Key key;
    private final EventLoop loop;
    private final Connector connector;
    private final HttpPools owner;
    private final Set<PooledConnection> connections = new HashSet<>();
    private final Set<Connect> connecting = new HashSet<>();
    private final ArrayDeque<PooledConnection> free = new ArrayDeque<>();
    private final ArrayDeque<Pending> waiting = new ArrayDeque<>();
    private boolean draining;

    record Key(Origin origin, boolean http2, List<String> alpn, String sni) {

        boolean is(Origin otherOrigin, boolean otherHttp2, List<String> otherAlpn, String otherSni) {
            return origin == otherOrigin && http2 == otherHttp2 && sni.equals(otherSni) && alpn.equals(otherAlpn);
        }
    }

    HttpPool(Key key, EventLoop loop, Connector connector, HttpPools owner) {
        this.key = key;
        this.loop = loop;
        this.connector = connector;
        this.owner = owner;
    }

    Key key() {
        return key;
    }

    EventLoop loop() {
        return loop;
    }

    boolean draining() {
        return draining;
    }

    // ---- requests

    StreamPool.Request request(StreamEvents.Response events, StreamPool.Waiter waiter) {
        Pending pending = new Pending(events, waiter);
        if (serve(pending)) {
            return pending;
        }
        if (!key.origin().limits().tryPending()) {
            forgetIfEmpty();
            waiter.onFailure(StreamReset.OVERFLOW, "");
            return pending;
        }
        pending.permit = true;
        waiting.addLast(pending);
        connectForWaiting();
        return pending;
    }

    private final class Pending implements StreamPool.Request {
        final StreamEvents.Response events;
        final StreamPool.Waiter waiter;
        boolean permit;

        Pending(StreamEvents.Response events, StreamPool.Waiter waiter) {
            this.events = events;
            this.waiter = waiter;
        }

        @Override
        public void cancel() {
            if (waiting.remove(this)) {
                release();
                forgetIfEmpty();
            }
        }

        void release() {
            if (permit) {
                permit = false;
                key.origin().limits().releasePending();
            }
        }
    }

    /** Gives a free connection to the request, if there is one. */
    private boolean serve(Pending pending) {
        PooledConnection connection = free.peekLast();
        while (connection != null && !connection.hasRoom()) {
            unlistLast();
            connection = free.peekLast();
        }
        if (connection == null) {
            return false;
        }
        pending.release();
        var described = connection.describe();
        var stream = connection.open(pending.events);
        if (!connection.hasRoom()) {
            unlistLast();
        }
        pending.waiter.onStream(stream, described);
        return true;
    }

    private void unlistLast() {
        PooledConnection last = free.pollLast();
        if (last != null) {
            last.listed = false;
        }
    }

    private void serveWaiting() {
        while (!waiting.isEmpty()) {
            Pending next = waiting.pollFirst();
            if (!serve(next)) {
                waiting.addFirst(next);
                return;
            }
        }
    }

    // ---- connections

    /** One connection under way per waiting request (per hundred on HTTP/2, where they share one), as far as the limits allow. */
    private void connectForWaiting() {
        int wanted = key.http2() ? (waiting.size() + 99) / 100 : waiting.size();
        while (connecting.size() < wanted) {
            boolean permit = key.origin().limits().tryConnection();
            // A pool without any connection may always make one, or its requests would wait for other loops' (Envoy does the same).
            if (!permit && connections.size() + connecting.size() > 0) {
                return;
            }
            Connect connect = new Connect(permit);
            connecting.add(connect);
            Connector.Attempt attempt = connector.connect(key.origin(), loop, offered(), key.sni(), connect);
            connect.attempt = attempt;
            if (connect.failed) {
                return;
            }
            wanted = key.http2() ? (waiting.size() + 99) / 100 : waiting.size();
        }
    }

    /** HTTP/2 over TLS needs its protocol offered even where neither filter nor TLS context names any (Envoy's fallback). */
    private List<String> offered() {
        UpstreamTls tls = key.origin().tls();
        return key.http2() && tls != null && key.alpn().isEmpty() && tls.alpn().isEmpty() ? HTTP2 : key.alpn();
    }

    private final class Connect implements Connector.Waiter {
        private final boolean permit;
        private Connector.@Nullable Attempt attempt;
        private boolean failed;

        Connect(boolean permit) {
            this.permit = permit;
        }

        @Override
        public void onConnected(Channel channel, @Nullable TlsPeer tls) {
            connecting.remove(this);
            String negotiated = tls == null ? "" : tls.alpn();
            boolean two = key.http2() || negotiated.equals("h2");
            if (two && tls != null && !negotiated.equals("h2") && !negotiated.equals("istio-h2")) {
                channel.close();
                release();
                fail(StreamReset.CONNECTION_FAILURE, "TLS_error:_peer_did_not_negotiate_h2_but_" + (negotiated.isEmpty() ? "nothing" : negotiated));
                return;
            }
            key.origin().limits().connected(two);
            PooledConnection connection = new PooledConnection(HttpPool.this, channel, tls, two, permit);
            connections.add(connection);
            connection.install();
            if (connections.contains(connection)) {
                freed(connection);
            }
        }

        @Override
        public void onFailure(StreamReset reason, String details) {
            connecting.remove(this);
            release();
            fail(reason, details);
        }

        private void release() {
            if (permit) {
                key.origin().limits().releaseConnection();
            }
        }

        /** One failed connection fails one request: the others have connections of their own under way, or get one now. */
        private void fail(StreamReset reason, String details) {
            failed = true;
            Pending first = waiting.pollFirst();
            if (first != null) {
                first.release();
                first.waiter.onFailure(reason, details);
            }
            if (connecting.isEmpty() && connections.isEmpty() && !waiting.isEmpty()) {
                loop.execute(HttpPool.this::connectForWaiting);
            }
            forgetIfEmpty();
        }
    }

    /** The connection has room for a request. */
    void freed(PooledConnection connection) {
        if (draining && waiting.isEmpty()) {
            connection.closeWhenIdle();
            return;
        }
        if (connection.hasRoom() && !connection.listed) {
            connection.listed = true;
            free.addLast(connection);
        }
        serveWaiting();
        if (draining) {
            connection.closeWhenIdle();
        }
    }

    void closed(PooledConnection connection) {
        connections.remove(connection);
        if (connection.listed) {
            connection.listed = false;
            free.remove(connection);
        }
        connectForWaiting();
        forgetIfEmpty();
    }

    private void forgetIfEmpty() {
        if (connections.isEmpty() && connecting.isEmpty() && waiting.isEmpty()) {
            owner.emptied(this);
        }
    }

    // ---- the end

    void drain() {
        draining = true;
        for (PooledConnection connection : new ArrayList<>(connections)) {
            connection.closeWhenIdle();
        }
    }

    void close() {
        draining = true;
        for (Connect connect : new ArrayList<>(connecting)) {
            if (connect.attempt != null) {
                connect.attempt.cancel();
            }
            connect.release();
        }
        connecting.clear();
        for (Pending pending = waiting.pollFirst(); pending != null; pending = waiting.pollFirst()) {
            pending.release();
            pending.waiter.onFailure(StreamReset.CONNECTION_FAILURE, "shutting_down");
        }
        for (PooledConnection connection : new ArrayList<>(connections)) {
            connection.close();
        }
    }
}
