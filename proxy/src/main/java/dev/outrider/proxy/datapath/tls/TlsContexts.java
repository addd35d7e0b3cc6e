package dev.outrider.proxy.datapath.tls;

import dev.outrider.proxy.connection.TlsPeer;
import dev.outrider.proxy.datapath.upstream.UpstreamTls;
import dev.outrider.proxy.identity.SecretStore;
import dev.outrider.proxy.identity.TlsSide;
import dev.outrider.xds.model.TransportSocket;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Compiles TLS transport sockets; equal ones are compiled once and share their contexts (istiod repeats the same one on every chain). Any thread. */
public final class TlsContexts {

    private final SecretStore secrets;
    private final Map<TransportSocket, DownstreamTls> downstream = new ConcurrentHashMap<>();
    private final Map<TransportSocket, UpstreamTls> upstream = new ConcurrentHashMap<>();

    public TlsContexts(SecretStore secrets) {
        this.secrets = secrets;
    }

    public DownstreamTls downstream(TransportSocket.DownstreamTls socket) {
        return downstream.computeIfAbsent(socket, s -> new DownstreamTls(TlsSide.server(socket.common(), socket.requireClientCertificate(), secrets)));
    }

    public UpstreamTls upstream(TransportSocket.UpstreamTls socket) {
        return upstream.computeIfAbsent(socket, s -> new Upstream(TlsSide.client(socket.common(), secrets), socket.sni()));
    }

    /** Drops what no configuration uses any more. */
    public void retain(Set<? extends TransportSocket> used) {
        downstream.keySet().retainAll(used);
        upstream.keySet().retainAll(used);
    }

    private record Upstream(TlsSide side, String sni) implements UpstreamTls {

        /** Netty takes session resumption and SNI from the engine's peer; the port only keys the session cache. */
        private static final int ANY_PORT = 0;

        @Override
        public SslHandler handler(ByteBufAllocator allocator, List<String> alpn, String sniOverride) throws SecretMissing {
            try {
                SslContext context = side.context(alpn.isEmpty() ? side.alpn() : alpn);
                String name = sniOverride.isEmpty() ? sni : sniOverride;
                return name.isEmpty() ? context.newHandler(allocator) : context.newHandler(allocator, name, ANY_PORT);
            } catch (TlsSide.Unusable e) {
                throw new SecretMissing(String.valueOf(e.getMessage()));
            }
        }

        @Override
        public TlsPeer peer(SslHandler handler) {
            return side.peer(handler);
        }

        @Override
        public List<String> alpn() {
            return side.alpn();
        }
    }

    /** TLS of a filter chain. */
    public static final class DownstreamTls {

        private final TlsSide side;

        private DownstreamTls(TlsSide side) {
            this.side = side;
        }

        /** Throws while a certificate or trust bundle is missing: the connection must be closed, never served in plaintext. */
        public SslHandler handler(ByteBufAllocator allocator) throws UpstreamTls.SecretMissing {
            try {
                return side.context(side.alpn()).newHandler(allocator);
            } catch (TlsSide.Unusable e) {
                throw new UpstreamTls.SecretMissing(String.valueOf(e.getMessage()));
            }
        }

        public TlsPeer peer(SslHandler handler) {
            return side.peer(handler);
        }

        /** What is missing, or null. */
        public @Nullable String missing() {
            return side.missing();
        }
    }
}
