package dev.outrider.proxy.http1;

import io.netty.channel.ChannelHandlerContext;

/**
 * One flush for all that is written in a turn of the event loop: at the end of this connection's read, or when the loop comes to its tasks
 * after the reads of other connections. Loop-confined.
 */
public final class FlushBatch implements Runnable {

    private final ChannelHandlerContext context;
    private boolean scheduled;
    private boolean dirty;

    public FlushBatch(ChannelHandlerContext context) {
        this.context = context;
    }

    /** Something was written. */
    public void mark() {
        dirty = true;
        if (!scheduled) {
            scheduled = true;
            context.executor().execute(this);
        }
    }

    public void now() {
        if (dirty) {
            dirty = false;
            context.flush();
        }
    }

    @Override
    public void run() {
        scheduled = false;
        now();
    }
}
