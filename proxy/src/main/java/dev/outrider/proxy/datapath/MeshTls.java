package dev.outrider.proxy.datapath;

import dev.outrider.proxy.connection.TlsPeer;
import dev.outrider.proxy.datapath.filterchain.ChainTls;
import dev.outrider.proxy.datapath.tls.TlsContexts;
import dev.outrider.proxy.datapath.upstream.UpstreamTls;
import dev.outrider.proxy.identity.SecretStore;
import dev.outrider.xds.SecretSource;
import dev.outrider.xds.model.Secret;
import dev.outrider.xds.model.TransportSocket;
import io.netty.buffer.ByteBufAllocator;
import io.netty.handler.ssl.SslHandler;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * TLS from the mesh's secrets, by BoringSSL; inbound ports may have an identity of their own. Identities share neither contexts nor sessions. Any
 * thread; secrets come on the control loop.
 */
public final class MeshTls implements TlsSource {

    private final SecretStore secrets;
    private final TlsContexts contexts;
    private final List<Owned> owned;

    /** An identity beside the machine's own, and the inbound ports that it answers for. */
    public record PortOwner(String name, Set<Integer> ports, SecretSource secrets) {}

    private record Owned(PortOwner owner, TlsContexts contexts) {}

    public MeshTls(SecretStore secrets) {
        this(secrets, List.of());
    }

    /** {@code owners} have no port in common. */
    public MeshTls(SecretStore secrets, List<PortOwner> owners) {
        this.secrets = secrets;
        this.contexts = new TlsContexts(secrets);
        this.owned = owners.stream().map(owner -> new Owned(owner, new TlsContexts(secrets.under(owner.secrets())))).toList();
    }

    @Override
    public UpstreamTls upstream(TransportSocket.UpstreamTls socket) {
        return contexts.upstream(socket);
    }

    @Override
    public ChainTls downstream(TransportSocket.DownstreamTls socket) {
        Map<Integer, ChainTls> byPort = new HashMap<>();
        for (Owned one : owned) {
            var termination = new Termination("identity " + one.owner.name() + ": ", one.contexts.downstream(socket), Map.of());
            one.owner.ports().forEach(port -> byPort.put(port, termination));
        }
        return new Termination("", contexts.downstream(socket), byPort);
    }

    @Override
    public void secrets(Map<String, ? extends Secret> all) {
        secrets.update(all);
    }

    /** {@code whose}: before the reason why there is no handler. */
    private record Termination(String whose, TlsContexts.DownstreamTls tls, Map<Integer, ChainTls> byPort) implements ChainTls {

        @Override
        public SslHandler handler(ByteBufAllocator allocator) throws UpstreamTls.SecretMissing {
            try {
                return tls.handler(allocator);
            } catch (UpstreamTls.SecretMissing e) {
                throw whose.isEmpty() ? e : new UpstreamTls.SecretMissing(whose + e.getMessage());
            }
        }

        @Override
        public ChainTls at(int port) {
            return byPort.getOrDefault(port, this);
        }

        @Override
        public TlsPeer peer(SslHandler handler) {
            return tls.peer(handler);
        }
    }
}
