package dev.outrider.proxy.datapath.tls;

import dev.outrider.proxy.connection.TlsPeer;
import dev.outrider.proxy.datapath.upstream.UpstreamTls;
import dev.outrider.proxy.identity.SecretStore;
import dev.outrider.proxy.identity.TlsSide;
import dev.outrider.xds.model.TransportSocket;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslHandler;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Compiles TLS transport sockets; equal ones are compiled once and share their contexts (istiod repeats the same one on every chain). What no
 * chain and no endpoint holds any more goes away by itself. Any thread.
 */
public final class TlsContexts {

    private final SecretStore secrets;
    private final Shared<DownstreamTls> downstream = new Shared<>();
    private final Shared<UpstreamTls> upstream = new Shared<>();

    public TlsContexts(SecretStore secrets) {
        this.secrets = secrets;
    }

    public DownstreamTls downstream(TransportSocket.DownstreamTls socket) {
        return downstream.get(socket, () -> new DownstreamTls(TlsSide.server(socket.common(), socket.requireClientCertificate(), secrets)));
    }

    public UpstreamTls upstream(TransportSocket.UpstreamTls socket) {
        return upstream.get(socket, () -> new Upstream(TlsSide.client(socket.common(), socket.maxSessionKeys(), secrets), socket.sni()));
    }

    /** Compiled sockets for as long as somebody holds them. */
    private static final class Shared<T> {
        private final Map<TransportSocket, WeakReference<T>> made = new HashMap<>();

        synchronized T get(TransportSocket socket, Supplier<T> compile) {
            WeakReference<T> known = made.get(socket);
            T one = known == null ? null : known.get();
            if (one == null) {
                made.values().removeIf(r -> r.get() == null);
                one = compile.get();
                made.put(socket, new WeakReference<>(one));
            }
            return one;
        }
    }

    private record Upstream(TlsSide side, String sni) implements UpstreamTls {

        @Override
        public SslHandler handler(ByteBufAllocator allocator, List<String> alpn, String sniOverride) throws SecretMissing {
            try {
                return side.handler(allocator, alpn.isEmpty() ? side.alpn() : alpn, sniOverride.isEmpty() ? sni : sniOverride);
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
                return side.handler(allocator, side.alpn(), "");
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
