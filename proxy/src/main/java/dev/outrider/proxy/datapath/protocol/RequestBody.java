package dev.outrider.proxy.datapath.protocol;

import dev.outrider.proxy.http.Headers;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Pieces of a request's body that wait for an upstream stream, or that a retry may need again. Loop-confined. */
final class RequestBody {

    /** Made with the first piece: most requests have none. */
    private @Nullable ArrayDeque<ByteBuf> pieces;
    private long size;
    private @Nullable Headers trailers;

    /** Takes {@code data} over. */
    void add(ByteBuf data) {
        size += data.readableBytes();
        ArrayDeque<ByteBuf> all = pieces;
        if (all == null) {
            all = new ArrayDeque<>();
            pieces = all;
        }
        all.add(data);
    }

    long size() {
        return size;
    }

    int count() {
        return pieces == null ? 0 : pieces.size();
    }

    boolean isEmpty() {
        return pieces == null || pieces.isEmpty();
    }

    Iterable<ByteBuf> pieces() {
        return pieces == null ? List.of() : pieces;
    }

    /** Gives the pieces away one by one; null when there is none left. */
    @Nullable ByteBuf poll() {
        ByteBuf piece = pieces == null ? null : pieces.poll();
        if (piece != null) {
            size -= piece.readableBytes();
        }
        return piece;
    }

    /** Whether nothing waits, trailers included. */
    boolean nothing() {
        return isEmpty() && trailers == null;
    }

    /** What is kept ends with them. */
    void trailers(Headers last) {
        Headers copy = new Headers();
        copy.copyFrom(last);
        trailers = copy;
    }

    /** Gives all away; {@code ended}: nothing follows. */
    void sendTo(UpstreamRequest to, boolean ended) {
        Headers last = trailers;
        trailers = null;
        for (ByteBuf piece = poll(); piece != null; piece = poll()) {
            to.sendData(piece, ended && last == null && isEmpty());
        }
        if (last != null) {
            to.sendTrailers(last);
        }
    }

    void release() {
        trailers = null;
        for (ByteBuf piece = poll(); piece != null; piece = poll()) {
            piece.release();
        }
    }
}
