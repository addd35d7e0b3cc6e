package dev.outrider.proxy.datapath.upstream;

import dev.outrider.proxy.connection.TlsPeer;
import dev.outrider.proxy.http.StreamReset;
import io.netty.channel.Channel;
import io.netty.channel.EventLoop;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Opens one connection to an origin: TCP or Unix socket, bound source, keep-alive, TLS. Called on {@code loop}, which will own the channel. */
public interface Connector {

    /**
     * The channel is handed over with auto-read off and only transport handlers (TLS, preamble of metadata exchange) in its pipeline. Connection
     * limits are the caller's business; connect statistics are told to {@link Origin#limits()}.
     */
    Attempt connect(Origin origin, EventLoop loop, List<String> alpn, String sniOverride, Waiter waiter);

    interface Attempt {

        /** Closes what was begun; the waiter hears nothing more. */
        void cancel();
    }

    interface Waiter {

        void onConnected(Channel channel, @Nullable TlsPeer tls);

        /** {@code details} as in %UPSTREAM_TRANSPORT_FAILURE_REASON% or response code details. */
        void onFailure(StreamReset reason, String details);
    }
}
