package dev.outrider.proxy.connection;

import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/**
 * The two addresses that stand for all of a machine's. A socket on {@code [::]} takes IPv4 too, and keeps others from 0.0.0.0, unless it is IPv6's
 * alone; Netty binds 0.0.0.0 as {@code [::]} where there is IPv6. Pure, but for asking the kernel.
 */
public final class Wildcards {

    /** linux/in6.h. */
    private static final int IPPROTO_IPV6 = 41;
    private static final int IPV6_V6ONLY = 26;

    private Wildcards() {}

    /** The other family's wildcard of the same port; null where {@code address} is none. */
    public static @Nullable InetSocketAddress twin(InetSocketAddress address) {
        return !address.getAddress().isAnyLocalAddress() ? null
                : new InetSocketAddress(InetAddress.ofLiteral(six(address) ? "0.0.0.0" : "::"), address.getPort());
    }

    public static boolean six(InetSocketAddress address) {
        return address.getAddress() instanceof Inet6Address;
    }

    /** Whether the socket takes connections of both families at its port. */
    public static boolean both(int descriptor) {
        var socket = new Socket(descriptor);
        try {
            InetSocketAddress address = socket.localAddress();
            return address != null && address.getAddress().isAnyLocalAddress() && six(address) && socket.getIntOpt(IPPROTO_IPV6, IPV6_V6ONLY) == 0;
        } catch (IOException e) {
            return false;
        }
    }
}
