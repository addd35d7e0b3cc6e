package dev.outrider.proxy.datapath.upstream;

import dev.outrider.proxy.connection.TlsPeer;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslHandler;
import java.util.List;

/** Makes TLS handlers for one compiled upstream context; always the newest certificate. Any loop. */
public interface UpstreamTls {

    /** Thrown by {@link #handler} while a certificate or trust bundle is missing: the connection must fail, never go plaintext. */
    final class SecretMissing extends Exception {
        private static final long serialVersionUID = 1L;

        public SecretMissing(String message) {
            super(message, null, false, false);
        }
    }

    /**
     * @param alpn in place of the context's own list; empty = the context's
     * @param sniOverride in place of the context's SNI; "" = the context's
     */
    SslHandler handler(ByteBufAllocator allocator, List<String> alpn, String sniOverride) throws SecretMissing;

    /** Reads a finished handshake. */
    TlsPeer peer(SslHandler handler);

    /** The context's own ALPN list. */
    List<String> alpn();
}
