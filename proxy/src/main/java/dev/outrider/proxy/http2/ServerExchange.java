package dev.outrider.proxy.http2;

import dev.outrider.proxy.http.HttpStream;
import dev.outrider.proxy.http.ResponseHead;
import dev.outrider.proxy.http.StreamEvents;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.util.AsciiString;
import org.jspecify.annotations.Nullable;

/** One request of a client and its response. Loop-confined. */
final class ServerExchange extends Exchange implements HttpStream.Response {

    private final Http2ServerCodec codec;
    private final boolean tunnel;
    StreamEvents.@Nullable Request receiver;
    private boolean headSent;

    ServerExchange(Http2ServerCodec codec, boolean tunnel) {
        super(codec);
        this.codec = codec;
        this.tunnel = tunnel;
    }

    @Override
    @Nullable StreamEvents events() {
        return receiver;
    }

    @Override
    public void sendInformational(ResponseHead head) {
        if (!over && !headSent) {
            sendHeaders(Fields.response(status(head.status()), head.headers()), false);
        }
    }

    @Override
    public void sendHead(ResponseHead head, boolean end) {
        if (over || headSent) {
            return;
        }
        headSent = true;
        // An extended CONNECT succeeds with 200 where HTTP/1 says 101 (RFC 8441 §5); elsewhere 101 does not exist.
        int status = head.status() == 101 ? tunnel ? 200 : 502 : head.status();
        sendHeaders(Fields.response(status(status), head.headers()), end);
    }

    private static AsciiString status(int status) {
        return HttpResponseStatus.valueOf(status).codeAsText();
    }

    @Override
    void onLocalEnd() {
        if (peerEnded) {
            // Both sides have said all: the receiver may be serving another stream by the time this one's frames are gone.
            receiver = null;
        }
        if (!peerEnded && !endWaits() && stream != null) {
            // The answer is whole before the request is: the rest is not wanted (RFC 9113 §8.1).
            over = true;
            drop();
            endpoint.reset(stream.id(), Http2Error.NO_ERROR);
        }
    }

    @Override
    Http2Error resetCode() {
        return Http2Error.INTERNAL_ERROR;
    }

    @Override
    public void closeAfter() {
        codec.drain();
    }
}
