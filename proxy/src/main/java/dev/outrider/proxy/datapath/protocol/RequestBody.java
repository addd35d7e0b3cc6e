package dev.outrider.proxy.datapath.protocol;

import dev.outrider.proxy.http.Headers;
import io.netty.buffer.ByteBuf;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/** Pieces of a request's body that wait for an upstream stream, or that a retry may need again. Loop-confined. */
final class RequestBody {

    private final ArrayDeque<ByteBuf> pieces = new ArrayDeque<>();
    private long size;
    private @Nullable Headers trailers;

    /** Takes {@code data} over. */
    void add(ByteBuf data) {
        size += data.readableBytes();
        pieces.add(data);
    }

    long size() {
        return size;
    }

    int count() {
        return pieces.size();
    }

    boolean isEmpty() {
        return pieces.isEmpty();
    }

    Iterable<ByteBuf> pieces() {
        return pieces;
    }

    /** Gives the pieces away one by one; null when there is none left. */
    @Nullable ByteBuf poll() {
        ByteBuf piece = pieces.poll();
        if (piece != null) {
            size -= piece.readableBytes();
        }
        return piece;
    }

    /** Whether nothing waits, trailers included. */
    boolean nothing() {
        return pieces.isEmpty() && trailers == null;
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
            to.sendData(piece, ended && last == null && pieces.isEmpty());
        }
        if (last != null) {
            to.sendTrailers(last);
        }
    }

    void release() {
        trailers = null;
        for (ByteBuf piece : pieces) {
            piece.release();
        }
        pieces.clear();
        size = 0;
    }
}
