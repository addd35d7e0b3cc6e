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

    /** The configuration that made it is gone: finish gracefully ({@code connection: close}, GOAWAY), within {@code drainNanos}. */
    interface Drainable {

        /** User event fired through the pipeline of each connection that is to end. */
        record Drain(long drainNanos) {}
    }
}
