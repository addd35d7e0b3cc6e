package dev.outrider.dns;

import java.net.InetSocketAddress;
import org.jspecify.annotations.Nullable;

/** Descriptors of sockets that are bound already, kept by whoever started this process; null where a socket has to be bound. */
public interface SocketSource {

    SocketSource NONE = new SocketSource() {
        @Override
        public @Nullable Integer datagram(InetSocketAddress address) {
            return null;
        }

        @Override
        public @Nullable Integer stream(InetSocketAddress address) {
            return null;
        }
    };

    @Nullable Integer datagram(InetSocketAddress address);

    @Nullable Integer stream(InetSocketAddress address);
}
