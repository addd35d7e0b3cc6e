package dev.outrider.proxy.datapath.origdst;

import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Where the client of an intercepted connection wanted to go. On the connection's loop. */
public interface OriginalDestinationSource {

    /** Null where the connection was not redirected. */
    @Nullable InetSocketAddress originalDestination(Channel channel);

    /** The kernel's connection tracking (REDIRECT). */
    static OriginalDestinationSource kernel() {
        return new KernelDestinations();
    }

    /** Under TPROXY the socket's own local address is the destination. */
    static OriginalDestinationSource transparent() {
        return channel -> (InetSocketAddress) channel.localAddress();
    }

    /** Decided by the caller, so that system tests need no redirection. */
    static OriginalDestinationSource fixed(Function<Channel, @Nullable InetSocketAddress> decision) {
        return decision::apply;
    }
}
