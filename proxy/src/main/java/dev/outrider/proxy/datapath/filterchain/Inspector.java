package dev.outrider.proxy.datapath.filterchain;

import dev.outrider.proxy.connection.DownstreamConnection;
import io.netty.buffer.ByteBuf;

/** Looks at a connection's first bytes without consuming them. One per connection, on its loop. */
public interface Inspector {

    enum Verdict {
        /** Not decided: come again with more. */
        MORE,
        /** Decided; what was found is on the connection. */
        DONE,
        /** Nothing that may be served. */
        REFUSED
    }

    /** {@code seen}: everything so far, from its reader index; each call brings the same bytes and more. */
    Verdict inspect(ByteBuf seen, DownstreamConnection connection);
}
