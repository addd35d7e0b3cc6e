package dev.outrider.proxy.connection;

import io.netty.channel.ChannelPipeline;

/**
 * The compiled network filters of a filter chain. Made once per configuration, off the loops; shared by its connections.
 *
 * <p>{@link #install} runs on the connection's event loop when listener filters are done and TLS, if any, is established. It adds
 * handlers at the end of the pipeline; auto-read is off; the caller then replays the bytes already read by {@code fireChannelRead} from
 * the head of the new handlers, and reading is the program's own from there ({@code channel.read()} or auto-read).
 */
public interface ConnectionProgram {

    void install(DownstreamConnection connection, ChannelPipeline pipeline);

    /** The TLS handshake before it failed: it will not be installed. */
    default void handshakeFailed(DownstreamConnection connection) {}

    /** A connection is to finish gracefully ({@code connection: close}, GOAWAY). */
    interface Drainable {

        /** Why, which decides what happens to a connection on which nothing is under way. */
        enum Cause {
            /** Its configuration is gone: an HTTP/1 client may be sending right now, so it is answered once more. */
            REPLACED,
            /** The health check fails, maybe not for long: HTTP/2 clients are told; on HTTP/1 each answer tells. */
            UNHEALTHY,
            /** The process ends and waits for what is under way only. */
            EXIT
        }

        /** User event fired through the pipeline of each connection that is to end within {@code drainNanos}. */
        record Drain(long drainNanos, Cause cause) {}
    }
}
