package dev.outrider.proxy.http;

import io.netty.buffer.ByteBuf;

/**
 * The sending half of one stream as a codec offers it: towards the client it sends a response, towards the upstream a request. All calls
 * on the connection's event loop. Buffers passed in change owner. Nothing may be sent after the end or after a reset; a codec ignores
 * calls on a stream that is over, releasing what it is given.
 */
public interface HttpStream {

    /** Whether more data is welcome; turning true again is told by {@link StreamEvents#onWritable()}. */
    boolean isWritable();

    void sendData(ByteBuf data, boolean end);

    /** Ends the stream. HTTP/1 sends them only in a chunked message and drops them otherwise (then it is a plain end). */
    void sendTrailers(Headers trailers);

    /** Gives the stream up: RST_STREAM, or the connection is closed. No event follows. */
    void reset(StreamReset reason);

    /** Stops ({@code true}) or resumes the delivery of the peer's data: back-pressure. */
    void pauseReading(boolean pause);

    /** Bytes of this stream on the wire so far, framing included where the codec counts it: {@code [0] read, [1] written}. */
    long bytesRead();

    long bytesWritten();

    /** Towards the client. */
    interface Response extends HttpStream {

        /** 100, 102, 103. */
        void sendInformational(ResponseHead head);

        void sendHead(ResponseHead head, boolean end);

        /** After this response the connection ends: {@code connection: close} or GOAWAY. */
        void closeAfter();
    }

    /** Towards the upstream. */
    interface Request extends HttpStream {

        void sendHead(RequestHead head, boolean end);
    }
}
