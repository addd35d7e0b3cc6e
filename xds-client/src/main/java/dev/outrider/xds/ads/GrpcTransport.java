package dev.outrider.xds.ads;

import io.netty.channel.Channel;
import io.netty.channel.EventLoopGroup;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What gRPC runs on, shared with the rest of the process.
 *
 * @param tcp kind of channel that fits {@code loops}
 * @param unix the same for Unix sockets, null where there are none
 * @param token bearer token of each stream, null = none; the supplier may answer null for "not now"
 */
public record GrpcTransport(
        EventLoopGroup loops,
        Class<? extends Channel> tcp,
        @Nullable Class<? extends Channel> unix,
        @Nullable Supplier<@Nullable String> token) {}
