package dev.outrider.proxy.datapath.origdst;

import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.unix.RawUnixChannelOption;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;

/**
 * SO_ORIGINAL_DST (linux/netfilter_ipv4.h) and IP6T_SO_ORIGINAL_DST (netfilter_ipv6/ip6_tables.h) through epoll's raw options. The kernel
 * answers ENOENT where no redirection took place.
 */
final class KernelDestinations implements OriginalDestinationSource {

    private static final int SOL_IP = 0;
    private static final int SOL_IPV6 = 41;
    private static final int SO_ORIGINAL_DST = 80;
    private static final int SOCKADDR_IN = 16;
    private static final int SOCKADDR_IN6 = 28;
    private static final RawUnixChannelOption V4 = new RawUnixChannelOption("SO_ORIGINAL_DST", SOL_IP, SO_ORIGINAL_DST, SOCKADDR_IN);
    private static final RawUnixChannelOption V6 = new RawUnixChannelOption("IP6T_SO_ORIGINAL_DST", SOL_IPV6, SO_ORIGINAL_DST, SOCKADDR_IN6);

    @Override
    public @Nullable InetSocketAddress originalDestination(Channel channel) {
        if (!(channel instanceof EpollSocketChannel) || !(channel.localAddress() instanceof InetSocketAddress local)) {
            return null;
        }
        boolean v4 = local.getAddress() instanceof Inet4Address;
        try {
            ByteBuffer found = channel.config().getOption(v4 ? V4 : V6);
            InetSocketAddress destination = found == null ? null : parse(found, v4);
            return local.equals(destination) ? null : destination;
        } catch (ChannelException e) {
            return null;
        }
    }

    /** sockaddr_in: family, port (big endian), address; sockaddr_in6: family, port, flow, address. */
    static InetSocketAddress parse(ByteBuffer found, boolean v4) {
        ByteBuffer raw = found.duplicate().order(ByteOrder.BIG_ENDIAN);
        int port = raw.getShort(raw.position() + 2) & 0xffff;
        byte[] ip = new byte[v4 ? 4 : 16];
        raw.get(raw.position() + (v4 ? 4 : 8), ip);
        try {
            return new InetSocketAddress(InetAddress.getByAddress(ip), port);
        } catch (UnknownHostException e) {
            throw new IllegalStateException("4 or 16 bytes are an address", e);
        }
    }
}
