package dev.outrider.proxy.telemetry.accesslog;

import dev.outrider.proxy.connection.StreamInfo;
import dev.outrider.proxy.http.Headers;
import dev.outrider.proxy.http.RequestHead;
import dev.outrider.proxy.http.ResponseHead;
import org.jspecify.annotations.Nullable;

/** What command operators read: the record of a stream and its heads as they stand. Reused with the stream; confined to its event loop. */
public final class LogContext {

    public final StreamInfo info;
    public @Nullable RequestHead request;
    public @Nullable ResponseHead response;
    public @Nullable Headers trailers;
    private @Nullable Headers kept;
    /** Body of a local reply while it is being formatted, else "". */
    public String localReplyBody = "";
    /** Envoy's access log type. */
    public String type = "NotSet";

    public LogContext(StreamInfo info) {
        this.info = info;
    }

    /** A copy of the answer's trailers, which outlives them. */
    public void keep(Headers received) {
        Headers copy = kept;
        if (copy == null) {
            copy = new Headers();
            kept = copy;
        }
        copy.copyFrom(received);
        trailers = copy;
    }

    /** The stream is over and logged: leaves the room of its fields to others. */
    public void release() {
        if (request != null) {
            request.headers().release();
        }
        if (response != null) {
            response.headers().release();
        }
        if (kept != null) {
            kept.release();
        }
    }

    /** For the next stream: its answer is not known. */
    public void reset() {
        response = null;
        trailers = null;
        localReplyBody = "";
    }

    /** The heads of a request that ran its course, or nulls for TCP. */
    public LogContext(StreamInfo info, @Nullable RequestHead request, @Nullable ResponseHead response) {
        this(info);
        this.request = request;
        this.response = response;
    }
}
