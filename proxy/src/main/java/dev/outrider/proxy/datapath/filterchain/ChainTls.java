package dev.outrider.proxy.datapath.filterchain;

import dev.outrider.proxy.connection.TlsPeer;
import dev.outrider.proxy.datapath.upstream.UpstreamTls;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslHandler;

/** TLS termination of a chain. Any loop. */
public interface ChainTls {

    /** Throws while a certificate or trust bundle is missing: the connection must be closed, never served in plaintext. */
    SslHandler handler(ByteBufAllocator allocator) throws UpstreamTls.SecretMissing;

    TlsPeer peer(SslHandler handler);

    /** The same with the certificate of the identity that answers for a destination port. */
    default ChainTls at(int port) {
        return this;
    }
}
