package dev.outrider.proxy.app.sidecar;

import dev.outrider.proxy.datapath.upstream.Transport;
import dev.outrider.xds.XdsSettings;
import dev.outrider.xds.ads.GrpcTransport;
import dev.outrider.xds.ads.StreamLimits;
import dev.outrider.xds.bootstrap.Bootstrap;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;

/** Makes the source of configuration. */
final class MeshFeeds {

    private MeshFeeds() {}

    /** {@code loops}: where the control plane's connections live, never a data loop. */
    static MeshFeed of(Bootstrap bootstrap, ScheduledExecutorService control, EventLoopGroup loops) {
        GrpcTransport transport = Transport.epoll()
                ? new GrpcTransport(loops, EpollSocketChannel.class, EpollDomainSocketChannel.class, null)
                : new GrpcTransport(loops, NioSocketChannel.class, null, null);
        return new XdsFeed(bootstrap, new XdsSettings(control, transport, StreamLimits.DEFAULT, true, List.of()));
    }
}
