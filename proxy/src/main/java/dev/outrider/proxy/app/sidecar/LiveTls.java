package dev.outrider.proxy.app.sidecar;

import dev.outrider.proxy.connection.TlsPeer;
import dev.outrider.proxy.datapath.TlsSource;
import dev.outrider.proxy.datapath.filterchain.ChainTls;
import dev.outrider.proxy.datapath.tls.TlsContexts;
import dev.outrider.proxy.datapath.upstream.UpstreamTls;
import dev.outrider.proxy.identity.SecretStore;
import dev.outrider.xds.model.Secret;
import dev.outrider.xds.model.TransportSocket;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslHandler;
import java.util.Map;

/** TLS of both sides over the secrets that are in force. Secrets change on the control loop, any thread reads. */
final class LiveTls implements TlsSource {

    private final SecretStore store = new SecretStore();
    private final TlsContexts contexts = new TlsContexts(store);

    @Override
    public UpstreamTls upstream(TransportSocket.UpstreamTls socket) {
        return contexts.upstream(socket);
    }

    @Override
    public ChainTls downstream(TransportSocket.DownstreamTls socket) {
        return new Termination(contexts.downstream(socket));
    }

    @Override
    public void secrets(Map<String, ? extends Secret> all) {
        store.update(all);
    }

    private record Termination(TlsContexts.DownstreamTls tls) implements ChainTls {

        @Override
        public SslHandler handler(ByteBufAllocator allocator) throws UpstreamTls.SecretMissing {
            return tls.handler(allocator);
        }

        @Override
        public TlsPeer peer(SslHandler handler) {
            return tls.peer(handler);
        }
    }
}
