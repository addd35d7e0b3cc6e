package dev.outrider.proxy.http2;

import dev.outrider.proxy.http.Headers;
import dev.outrider.proxy.http.HttpStream;
import dev.outrider.proxy.http.StreamEvents;
import dev.outrider.proxy.http.StreamReset;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Stream;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * One stream: what both sides have in common. Data that arrives while reading is paused is kept here (the peer's window bounds it) and is
 * told to flow control when it is delivered. Loop-confined.
 */
abstract class Exchange implements HttpStream {

    final Http2Endpoint endpoint;
    @Nullable Http2Stream stream;
    boolean localEnded;
    boolean peerEnded;
    /** Reset or given up: no event follows. */
    boolean over;
    private boolean paused;
    private boolean endKept;
    private @Nullable Headers trailersKept;
    private @Nullable ArrayDeque<ByteBuf> kept;
    private long read;
    private long written;

    Exchange(Http2Endpoint endpoint) {
        this.endpoint = endpoint;
    }

    abstract @Nullable StreamEvents events();

    // ---- sending

    @Override
    public boolean isWritable() {
        Http2Stream on = stream;
        return on != null && !over && endpoint.isWritable(on);
    }

    final void sendHeaders(Http2Headers headers, boolean end) {
        Http2Stream on = stream;
        if (on != null) {
            endpoint.writeHeaders(on.id(), headers, end);
            if (end) {
                localEnd();
            }
        }
    }

    @Override
    public void sendData(ByteBuf data, boolean end) {
        Http2Stream on = stream;
        if (over || localEnded || on == null) {
            data.release();
            return;
        }
        if (!data.isReadable() && !end) {
            data.release();
            return;
        }
        written += data.readableBytes();
        endpoint.writeData(on.id(), data, end);
        if (end) {
            localEnd();
        }
    }

    @Override
    public void sendTrailers(Headers trailers) {
        if (over || localEnded) {
            return;
        }
        if (trailers.size() == 0) {
            sendData(Unpooled.EMPTY_BUFFER, true);
        } else {
            sendHeaders(Fields.trailers(trailers), true);
        }
    }

    private void localEnd() {
        localEnded = true;
        onLocalEnd();
    }

    void onLocalEnd() {}

    @Override
    public void reset(StreamReset reason) {
        if (over) {
            return;
        }
        over = true;
        drop();
        Http2Error code = switch (reason) {
            case PROTOCOL_ERROR -> Http2Error.PROTOCOL_ERROR;
            case LOCAL_REFUSED_STREAM, REMOTE_REFUSED_STREAM -> Http2Error.REFUSED_STREAM;
            case LOCAL_RESET, REMOTE_RESET, CONNECTION_TERMINATION -> resetCode();
            default -> Http2Error.CANCEL;
        };
        Http2Stream on = stream;
        if (on != null) {
            endpoint.reset(on.id(), code);
        } else {
            onNeverBegun();
        }
    }

    /** Towards clients a failure is ours; towards upstreams a request is given up. */
    abstract Http2Error resetCode();

    void onNeverBegun() {}

    // ---- receiving

    /** Takes the buffer; how many bytes flow control may hand out again now. */
    final int received(ByteBuf data, boolean end) {
        int size = data.readableBytes();
        read += size;
        if (over || events() == null) {
            data.release();
            return size;
        }
        if (paused) {
            ArrayDeque<ByteBuf> queue = kept;
            if (queue == null) {
                queue = new ArrayDeque<>();
                kept = queue;
            }
            queue.addLast(data);
            endKept |= end;
            return 0;
        }
        deliver(data, end);
        return size;
    }

    private void deliver(ByteBuf data, boolean end) {
        StreamEvents to = events();
        if (over || to == null) {
            data.release();
            return;
        }
        if (end) {
            peerEnded = true;
            onPeerEnd();
        }
        to.onData(data, end);
        if (end) {
            afterPeerEnd();
        }
    }

    final void receivedTrailers(Headers trailers) {
        if (paused && kept != null && !kept.isEmpty()) {
            Headers copy = new Headers();
            copy.copyFrom(trailers);
            trailersKept = copy;
            return;
        }
        deliverTrailers(trailers);
    }

    private void deliverTrailers(Headers trailers) {
        StreamEvents to = events();
        if (over || to == null) {
            return;
        }
        peerEnded = true;
        onPeerEnd();
        if (trailers.size() == 0) {
            to.onData(Unpooled.EMPTY_BUFFER, true);
        } else {
            to.onTrailers(trailers);
        }
        afterPeerEnd();
    }

    void onPeerEnd() {}

    void afterPeerEnd() {}

    @Override
    public void pauseReading(boolean pause) {
        if (paused == pause) {
            return;
        }
        paused = pause;
        if (!pause && kept != null && !over) {
            endpoint.later(this::deliverKept);
        }
    }

    private void deliverKept() {
        ArrayDeque<ByteBuf> queue = kept;
        while (!paused && !over && queue != null && !queue.isEmpty()) {
            ByteBuf data = queue.pollFirst();
            int size = data.readableBytes();
            deliver(data, endKept && queue.isEmpty());
            endpoint.consumed(stream, size);
        }
        Headers trailers = trailersKept;
        if (!paused && !over && trailers != null && (queue == null || queue.isEmpty())) {
            trailersKept = null;
            deliverTrailers(trailers);
        }
    }

    /** Whether the peer's end came and waits behind a pause. */
    final boolean endWaits() {
        return endKept || trailersKept != null;
    }

    final void failed(StreamReset reason, String details) {
        if (over) {
            return;
        }
        over = true;
        drop();
        StreamEvents to = events();
        if (to != null) {
            to.onReset(reason, details);
        }
    }

    final void drop() {
        ArrayDeque<ByteBuf> queue = kept;
        kept = null;
        if (queue != null) {
            queue.forEach(ByteBuf::release);
        }
    }

    final void writable() {
        StreamEvents to = events();
        if (!over && !localEnded && to != null) {
            to.onWritable();
        }
    }

    @Override
    public long bytesRead() {
        return read;
    }

    @Override
    public long bytesWritten() {
        return written;
    }
}
