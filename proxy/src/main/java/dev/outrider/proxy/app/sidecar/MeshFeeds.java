package dev.outrider.proxy.app.sidecar;

import dev.outrider.proxy.datapath.upstream.Transport;
import dev.outrider.proxy.identity.files.FileSecrets;
import dev.outrider.proxy.identity.workload.WorkloadIdentity;
import dev.outrider.xds.SecretSource;
import dev.outrider.xds.XdsSettings;
import dev.outrider.xds.ads.GrpcTransport;
import dev.outrider.xds.ads.StreamLimits;
import dev.outrider.xds.bootstrap.Bootstrap;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Makes the source of configuration. */
public final class MeshFeeds {

    private MeshFeeds() {}

    /** {@code token}: null = none is shown to control planes. */
    public static GrpcTransport transport(EventLoopGroup loops, @Nullable Supplier<@Nullable String> token) {
        return Transport.epoll()
                ? new GrpcTransport(loops, EpollSocketChannel.class, EpollDomainSocketChannel.class, token)
                : new GrpcTransport(loops, NioSocketChannel.class, null, token);
    }

    /** {@code loops}: where the control plane's connections live, never a data loop. */
    static MeshFeed of(
            Bootstrap bootstrap, SidecarConfig.Mesh mesh, ScheduledExecutorService control, EventLoopGroup loops,
            @Nullable WorkloadIdentity identity) {
        GrpcTransport transport = transport(loops, identity == null ? null : identity::bearer);
        List<SecretSource> secrets = identity == null
                ? List.of() : List.of(identity, new FileSecrets(Path.of("/"), identity.modes(), control));
        return new XdsFeed(bootstrap, new XdsSettings(
                control, transport, StreamLimits.DEFAULT, true, secrets, mesh.onReject(), mesh.state()));
    }
}
