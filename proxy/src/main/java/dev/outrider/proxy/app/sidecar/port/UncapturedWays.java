package dev.outrider.proxy.app.sidecar.port;

import dev.outrider.proxy.connection.InheritedSockets;
import dev.outrider.proxy.datapath.DataPath;
import dev.outrider.proxy.datapath.cluster.HostResolver;
import dev.outrider.proxy.datapath.explicit.ExplicitPort;
import dev.outrider.proxy.datapath.explicit.ServiceListeners;
import dev.outrider.proxy.telemetry.Stats;
import dev.outrider.xds.model.Cidr;
import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;

/** Opens the ways into the data path for programs whose connections are not captured. While the process starts, on its thread. */
public record UncapturedWays(EventLoopGroup loops, DataPath path, InheritedSockets inherited, Stats stats) {

    /** Where clients name their target. {@code own}: sockets of this process, which are no targets. */
    public void explicit(InetSocketAddress address, HostResolver names, List<Channel> own) throws IOException {
        path.explicit(ExplicitPort.open(address, inherited.stream(address), new ExplicitPort.Parts(loops, path.way(), names, own, stats)));
    }

    /** Listeners of services, from the next update on. */
    public void services(Cidr range) throws IOException {
        try {
            path.services(new ServiceListeners(new ServiceListeners.Parts(loops, path.way(), range, inherited, stats)));
        } catch (IllegalArgumentException e) {
            throw new IOException("ports.services: " + e.getMessage(), e);
        }
    }
}
