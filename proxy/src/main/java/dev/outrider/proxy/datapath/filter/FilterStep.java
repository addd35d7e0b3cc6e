package dev.outrider.proxy.datapath.filter;

import dev.outrider.proxy.http.Headers;
import dev.outrider.proxy.http.ResponseHead;
import io.netty.buffer.ByteBuf;

/** One compiled HTTP filter. Shared by all connections of its chain; what belongs to a request lives in the context. */
public interface FilterStep {

    enum Verdict {
        /** On to the next step. */
        NEXT,
        /** A local reply was sent. */
        STOP,
        /** {@link FilterContext.Flow#resume()} will be called. */
        WAIT
    }

    default Verdict onRequest(FilterContext context) {
        return Verdict.NEXT;
    }

    /** Looks at a piece of the request's body without taking it. */
    default void onRequestData(FilterContext context, ByteBuf data) {}

    /** In reverse order of the chain; local replies too. */
    default void onResponse(FilterContext context, ResponseHead head) {}

    default void onResponseData(FilterContext context, ByteBuf data) {}

    default void onResponseTrailers(FilterContext context, Headers trailers) {}

    /** The stream is over and its record complete; before the access log. */
    default void onEnd(FilterContext context) {}

    /** Whether the data callbacks do anything. */
    default boolean readsData() {
        return false;
    }
}
