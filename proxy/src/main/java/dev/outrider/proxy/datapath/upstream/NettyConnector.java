package dev.outrider.proxy.datapath.upstream;

import dev.outrider.proxy.connection.PeerExchange;
import dev.outrider.proxy.connection.TlsPeer;
import dev.outrider.proxy.datapath.relay.MetadataExchangeHandler;
import dev.outrider.proxy.failure.TransportFailure;
import dev.outrider.proxy.http.StreamReset;
import io.netty.channel.Channel;
import io.netty.channel.ChannelConfig;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.concurrent.ScheduledFuture;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Connects with Netty sockets: the addresses of an origin in order, the first that stands wins; one time limit spans all of them and the
 * TLS handshake, as Envoy's connect_timeout does. Failures are told to {@link Origin#limits()}; that a connection stands is the caller's to
 * tell, who knows what it will speak.
 */
public final class NettyConnector implements Connector {

    private final PeerExchange exchange;
    private final MetadataExchangeHandler.Counts counts;

    public NettyConnector(PeerExchange exchange, MetadataExchangeHandler.Counts counts) {
        this.exchange = exchange;
        this.counts = counts;
    }

    @Override
    public Attempt connect(Origin origin, EventLoop loop, List<String> alpn, String sniOverride, Waiter waiter) {
        assert loop.inEventLoop();
        var attempt = new Pending(origin, loop, alpn, sniOverride, waiter);
        attempt.start();
        return attempt;
    }

    private final class Pending implements Attempt {
        private final Origin origin;
        private final EventLoop loop;
        private final List<String> alpn;
        private final String sniOverride;
        private final Waiter waiter;
        private @Nullable ScheduledFuture<?> limit;
        private @Nullable Channel channel;
        private int next;
        private boolean done;

        Pending(Origin origin, EventLoop loop, List<String> alpn, String sniOverride, Waiter waiter) {
            this.origin = origin;
            this.loop = loop;
            this.alpn = alpn;
            this.sniOverride = sniOverride;
            this.waiter = waiter;
        }

        void start() {
            if (origin.connectTimeoutNanos() > 0) {
                limit = loop.schedule(() -> fail(StreamReset.CONNECT_TIMEOUT, ""), origin.connectTimeoutNanos(), TimeUnit.NANOSECONDS);
            }
            dial();
        }

        private void dial() {
            SocketAddress to = origin.addresses().get(next++);
            Channel made = Transport.client(to);
            // Everything is added when the connection stands: until then nothing can arrive.
            options(made.config(), to);
            loop.register(made);
            InetSocketAddress source = source(to);
            ChannelFuture connecting = source == null ? made.connect(to) : made.connect(to, source);
            channel = made;
            connecting.addListener(f -> {
                if (done) {
                    made.close();
                } else if (f.isSuccess()) {
                    connected(made);
                } else {
                    refused(f.cause());
                }
            });
        }

        private void options(ChannelConfig config, SocketAddress to) {
            int high = (int) Math.max(64 * 1024, Math.min(origin.bufferLimitBytes(), Integer.MAX_VALUE));
            config.setAutoRead(false);
            config.setConnectTimeoutMillis(0);
            config.setRecvByteBufAllocator(Transport.reads());
            config.setWriteBufferWaterMark(new WriteBufferWaterMark(high / 2, high));
            if (to instanceof DomainSocketAddress) {
                return;
            }
            config.setOption(ChannelOption.TCP_NODELAY, true);
            if (Transport.epoll() && !origin.bindSources().isEmpty()) {
                // Else the kernel reserves the port before it knows the destination, and 28,000 connections use the machine up.
                config.setOption(EpollChannelOption.IP_BIND_ADDRESS_NO_PORT, true);
            }
            var keepalive = origin.keepalive();
            if (keepalive != null) {
                config.setOption(ChannelOption.SO_KEEPALIVE, true);
                if (Transport.epoll()) {
                    set(config, EpollChannelOption.TCP_KEEPCNT, keepalive.probes());
                    set(config, EpollChannelOption.TCP_KEEPIDLE, keepalive.timeSeconds());
                    set(config, EpollChannelOption.TCP_KEEPINTVL, keepalive.intervalSeconds());
                }
            }
        }

        private static void set(ChannelConfig config, ChannelOption<Integer> option, int value) {
            if (value > 0) {
                config.setOption(option, value);
            }
        }

        private @Nullable InetSocketAddress source(SocketAddress to) {
            if (to instanceof InetSocketAddress ip && ip.getAddress() != null) {
                for (InetSocketAddress source : origin.bindSources()) {
                    if (source.getAddress().getClass() == ip.getAddress().getClass()) {
                        return source;
                    }
                }
            }
            return null;
        }

        private void refused(Throwable cause) {
            if (next < origin.addresses().size()) {
                dial();
            } else {
                fail(StreamReset.CONNECTION_FAILURE, TransportFailure.ofConnect(cause));
            }
        }

        private void connected(Channel made) {
            UpstreamTls tls = origin.tls();
            if (tls == null) {
                succeed(made, null);
                return;
            }
            try {
                SslHandler handler = tls.handler(made.alloc(), alpn, sniOverride);
                handler.setHandshakeTimeoutMillis(0);
                made.pipeline().addLast("tls", handler).addLast("handshake", new Handshake(tls, handler));
            } catch (UpstreamTls.SecretMissing e) {
                fail(StreamReset.CONNECTION_FAILURE, "TLS error: Secret is not supplied by SDS: " + e.getMessage());
            }
        }

        private void succeed(Channel made, @Nullable TlsPeer peer) {
            finish();
            String protocol = origin.metadataExchange();
            if (protocol != null) {
                if (peer != null && protocol.equals(peer.alpn())) {
                    made.pipeline().addLast("metadata-exchange", new MetadataExchangeHandler(exchange, counts));
                } else {
                    counts.notNegotiated();
                }
            }
            waiter.onConnected(made, peer);
        }

        private void fail(StreamReset reason, String details) {
            if (done) {
                return;
            }
            finish();
            Channel open = channel;
            if (open != null) {
                open.close();
            }
            origin.limits().connectFailed(reason == StreamReset.CONNECT_TIMEOUT);
            waiter.onFailure(reason, details);
        }

        private void finish() {
            done = true;
            ScheduledFuture<?> timer = limit;
            if (timer != null) {
                timer.cancel(false);
            }
        }

        @Override
        public void cancel() {
            if (!done) {
                finish();
                Channel open = channel;
                if (open != null) {
                    open.close();
                }
            }
        }

        /** Waits for the TLS handshake behind its handler, then leaves the pipeline. */
        private final class Handshake extends ChannelInboundHandlerAdapter {
            private final UpstreamTls tls;
            private final SslHandler handler;

            Handshake(UpstreamTls tls, SslHandler handler) {
                this.tls = tls;
                this.handler = handler;
            }

            @Override
            public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
                if (!(event instanceof SslHandshakeCompletionEvent completion)) {
                    ctx.fireUserEventTriggered(event);
                } else if (!completion.isSuccess()) {
                    fail(StreamReset.CONNECTION_FAILURE, TransportFailure.ofTls(completion.cause()));
                } else if (!done) {
                    Channel standing = ctx.channel();
                    ctx.pipeline().remove(this);
                    succeed(standing, tls.peer(handler));
                }
            }

            @Override
            public void channelInactive(ChannelHandlerContext ctx) {
                fail(StreamReset.CONNECTION_FAILURE, "");
            }

            @Override
            public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                fail(StreamReset.CONNECTION_FAILURE, TransportFailure.ofTls(cause));
            }
        }
    }
}
