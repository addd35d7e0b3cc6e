package dev.outrider.proxy.datapath.upstream;

import dev.outrider.proxy.http.Headers;
import dev.outrider.proxy.http.HttpStream;
import dev.outrider.proxy.http.RequestHead;
import dev.outrider.proxy.http.ResponseHead;
import dev.outrider.proxy.http.StreamAcceptor;
import dev.outrider.proxy.http.StreamEvents;
import dev.outrider.proxy.http.StreamReset;
import dev.outrider.proxy.http1.Http1ServerCodec;
import dev.outrider.proxy.http1.Http1Settings;
import dev.outrider.proxy.http2.Http2Options;
import dev.outrider.proxy.http2.Http2ServerCodec;
import dev.outrider.xds.model.Cluster;
import dev.outrider.xds.model.HttpConnectionManager.Limits.Underscores;
import io.netty.bootstrap.Bootstrap;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

/** Pools and both codecs against each other, over loopback sockets. */
@Timeout(60)
class HttpPoolsTest {
    private static final Http1Settings ONE = new Http1Settings(
            "http", "envoy", 61440, 100, Underscores.ALLOW, false, "", true, true, false, false, Set.of(), false, 0);
    private static final Http2Options TWO = new Http2Options("http", 61440, 100, 100, 65_535, 1 << 20, false, 0, 0);

    private final MultiThreadIoEventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
    private final EventLoop loop = group.next();
    private final ChannelGroup accepted = new DefaultChannelGroup(loop);
    private final CountingLimits limits = new CountingLimits();
    private final HttpPools pools = new HttpPools(loop, this::connect);
    private Channel server;

    @BeforeEach
    void listen() {
        limits.loop = loop;
        server = serve(false);
    }

    private Channel serve(boolean http2) {
        return new ServerBootstrap().group(group).channel(NioServerSocketChannel.class).childHandler(new ChannelInitializer<>() {
            @Override
            protected void initChannel(Channel channel) {
                accepted.add(channel);
                ChannelHandler codec = http2 ? Http2ServerCodec.make(TWO, new Echo()) : new Http1ServerCodec(ONE, new Echo());
                channel.pipeline().addLast(codec, new ChannelInboundHandlerAdapter());
            }
        }).bind(InetAddress.getLoopbackAddress(), 0).syncUninterruptibly().channel();
    }

    @AfterEach
    void stop() throws Exception {
        loop.submit(pools::close).get();
        server.close().sync();
        accepted.close().sync();
        group.shutdownGracefully(0, 5, TimeUnit.SECONDS).sync();
        assertEquals(0, limits.connections.get(), "connection permits");
        assertEquals(0, limits.pending.get(), "pending permits");
    }

    private Connector.Attempt connect(Origin origin, EventLoop on, List<String> alpn, String sni, Connector.Waiter waiter) {
        new Bootstrap().group(on).channel(NioSocketChannel.class).option(ChannelOption.AUTO_READ, false)
                .handler(new ChannelInboundHandlerAdapter()).connect(origin.addresses().getFirst()).addListener(done -> {
                    if (done.isSuccess()) {
                        waiter.onConnected(((ChannelFuture) done).channel(), null);
                    } else {
                        waiter.onFailure(StreamReset.CONNECTION_FAILURE, "delayed_connect_error:_Connection_refused");
                    }
                });
        return () -> {};
    }

    private Origin origin(long maxRequests) {
        var http = new Cluster.HttpProtocolOptions(
                Cluster.HttpProtocolOptions.Protocol.HTTP1, TimeUnit.HOURS.toNanos(1), maxRequests, 0, 0, 100, 65_535, 1 << 20, false, false, false, true, 0, 0);
        return new Origin(List.of(server.localAddress()), List.of(), 1_000_000_000L, null, 1 << 20, http, null, null, limits);
    }

    private CompletableFuture<String> request(Origin origin, boolean http2, String body) {
        Exchange exchange = new Exchange(body);
        loop.execute(() -> pools.stream(origin, http2, List.of(), "", exchange, exchange));
        return exchange.done;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void carriesBodiesAndTrailersAndReusesTheConnection(boolean http2) throws Exception {
        if (http2) {
            server.close().sync();
            server = serve(true);
        }
        Origin origin = origin(0);
        assertEquals("200 hello x-t: 1", request(origin, http2, "hello").get());
        String large = "0123456789".repeat(100_000);
        assertEquals("200 " + large + " x-t: 1", request(origin, http2, large).get());
        for (int i = 0; i < 100; i++) {
            assertEquals("200 b" + i + " x-t: 1", request(origin, http2, "b" + i).get());
        }
        assertEquals(1, accepted.size());
    }

    @Test
    void multiplexes() throws Exception {
        server.close().sync();
        server = serve(true);
        Origin origin = origin(0);
        assertEquals("200 first x-t: 1", request(origin, true, "first").get());
        List<CompletableFuture<String>> all = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            all.add(request(origin, true, "n" + i));
        }
        for (int i = 0; i < 50; i++) {
            assertEquals("200 n" + i + " x-t: 1", all.get(i).get());
        }
        assertEquals(1, accepted.size());
    }

    @Test
    void leavesNothingBehindAfterAThousandConnections() throws Exception {
        Origin origin = origin(1);
        for (int i = 0; i < 1000; i++) {
            assertEquals("200 x x-t: 1", request(origin, false, "x").get());
        }
        loop.submit(() -> pools.drain(origin)).get();
        limits.idle().get();
        assertEquals(0, loop.submit(pools::size).get());
        assertEquals(1000, limits.closed.get());
    }

    @Test
    void aRefusedConnectFailsTheRequest() throws Exception {
        Origin origin = origin(0);
        server.close().sync();
        assertEquals("CONNECTION_FAILURE delayed_connect_error:_Connection_refused", request(origin, false, "x").get());
        assertEquals(0, loop.submit(pools::size).get());
    }

    @Test
    void overflowsWhenNoneMayWait() throws Exception {
        limits.maxPending = 0;
        assertEquals("OVERFLOW ", request(origin(0), false, "x").get());
        assertFalse(loop.submit(pools::size).get() > 0);
    }

    @Test
    void queuesForOneConnection() throws Exception {
        limits.maxConnections = 1;
        Origin origin = origin(0);
        List<CompletableFuture<String>> all = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            all.add(request(origin, false, "q" + i));
        }
        for (int i = 0; i < 20; i++) {
            assertEquals("200 q" + i + " x-t: 1", all.get(i).get());
        }
        assertTrue(accepted.size() <= 1);
    }

    /** Answers 200 with the body it was sent, and a trailer. */
    private static final class Echo implements StreamAcceptor {
        @Override
        public StreamEvents.Request onStream(HttpStream.Response stream) {
            return new StreamEvents.Request() {
                @Override
                public void onHead(RequestHead head, boolean end) {
                    ResponseHead ok = new ResponseHead();
                    ok.reset(200);
                    stream.sendHead(ok, false);
                }

                @Override
                public void onData(ByteBuf data, boolean end) {
                    stream.sendData(data, false);
                    if (end) {
                        Headers trailers = new Headers();
                        trailers.add("x-t", "1");
                        stream.sendTrailers(trailers);
                    }
                }

                @Override
                public void onTrailers(Headers trailers) {}

                @Override
                public void onReset(StreamReset reason, String details) {}

                @Override
                public void onWritable() {}
            };
        }

        @Override
        public void onRefused(int status, String details, long bytesReceived, long bytesSent) {}
    }

    /** Sends a body and gathers the answer as text. */
    private static final class Exchange implements StreamEvents.Response, StreamPool.Waiter {
        final CompletableFuture<String> done = new CompletableFuture<>();
        private final String body;
        private final StringBuilder answer = new StringBuilder();

        Exchange(String body) {
            this.body = body;
        }

        @Override
        public void onStream(HttpStream.Request stream, StreamPool.Connected connection) {
            RequestHead head = new RequestHead();
            head.reset("POST", "/", "h", "http", RequestHead.Protocol.HTTP_1_1);
            stream.sendHead(head, false);
            stream.sendData(Unpooled.copiedBuffer(body, StandardCharsets.US_ASCII), true);
        }

        @Override
        public void onFailure(StreamReset reason, String details) {
            done.complete(reason + " " + details);
        }

        @Override
        public void onInformational(ResponseHead head) {}

        @Override
        public void onHead(ResponseHead head, boolean end) {
            answer.append(head.status()).append(' ');
        }

        @Override
        public void onData(ByteBuf data, boolean end) {
            answer.append(data.toString(StandardCharsets.US_ASCII));
            data.release();
            if (end) {
                done.complete(answer.toString());
            }
        }

        @Override
        public void onTrailers(Headers trailers) {
            done.complete(answer + " " + trailers.toString().strip());
        }

        @Override
        public void onReset(StreamReset reason, String details) {
            done.complete(answer + "reset " + reason + " " + details);
        }

        @Override
        public void onWritable() {}
    }

    private static final class CountingLimits implements Origin.Limits {
        final AtomicInteger connections = new AtomicInteger();
        final AtomicInteger pending = new AtomicInteger();
        final AtomicInteger closed = new AtomicInteger();
        private final CompletableFuture<Void> none = new CompletableFuture<>();
        private boolean waited;
        int maxConnections = Integer.MAX_VALUE;
        int maxPending = Integer.MAX_VALUE;
        EventLoop loop;

        /** Done when no connection is open. */
        CompletableFuture<Void> idle() {
            loop.execute(() -> {
                waited = true;
                told();
            });
            return none;
        }

        private void told() {
            if (waited && connections.get() == 0) {
                loop.execute(() -> none.complete(null));
            }
        }

        @Override
        public boolean tryConnection() {
            return connections.get() < maxConnections && connections.incrementAndGet() > 0;
        }

        @Override
        public void releaseConnection() {
            connections.decrementAndGet();
            told();
        }

        @Override
        public boolean tryPending() {
            return pending.get() < maxPending && pending.incrementAndGet() > 0;
        }

        @Override
        public void releasePending() {
            pending.decrementAndGet();
        }

        @Override
        public void connected(boolean http2) {}

        @Override
        public void connectFailed(boolean timeout) {}

        @Override
        public void closed(boolean byPeer, boolean withActiveRequests) {
            closed.incrementAndGet();
        }

        @Override
        public void bytes(long read, long written) {}
    }
}
