package dev.outrider.proxy.http;

import io.netty.buffer.ByteBuf;

/**
 * What a codec tells of one stream, on the connection's event loop. Heads, headers and trailers are valid during the call only; data
 * buffers are handed over (the receiver releases). After the end of the peer's message or {@link #onReset} nothing follows but
 * {@link #onWritable()} and, while this side still sends, {@link #onReset}.
 */
public interface StreamEvents {

    void onData(ByteBuf data, boolean end);

    void onTrailers(Headers trailers);

    /** {@code details}: what went wrong in the codec's terms (e.g. {@code http1.codec_error}), empty where there is nothing to say. */
    void onReset(StreamReset reason, String details);

    void onWritable();

    /** Of a client's stream. */
    interface Request extends StreamEvents {

        void onHead(RequestHead head, boolean end);
    }

    /** Of an upstream's stream. */
    interface Response extends StreamEvents {

        void onInformational(ResponseHead head);

        void onHead(ResponseHead head, boolean end);
    }
}
