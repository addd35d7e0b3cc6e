package dev.outrider.proxy.datapath.explicit;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/** What a client and this port say to each other before bytes are relayed. One per connection, on its loop. */
interface Dialogue {

    /** More than any sound client needs. */
    int MOST_BYTES = 8 * 1024;

    /**
     * Reads on; null where more has to come first. Takes from {@code in} only what belongs to the dialogue. {@code out} is given what has to be
     * answered meanwhile.
     */
    @Nullable Target read(ByteBuf in, ByteBuf out) throws Refusal;

    ByteBuf granted(ByteBufAllocator alloc);

    ByteBuf refused(ByteBufAllocator alloc, Refusal.Reason reason);
}
