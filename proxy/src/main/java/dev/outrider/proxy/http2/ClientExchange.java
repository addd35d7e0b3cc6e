package dev.outrider.proxy.http2;

import dev.outrider.proxy.http.HttpStream;
import dev.outrider.proxy.http.RequestHead;
import dev.outrider.proxy.http.StreamEvents;
import dev.outrider.proxy.http.StreamReset;
import io.netty.handler.codec.http2.Http2Error;

/** One request to an upstream and its response. Loop-confined. */
final class ClientExchange extends Exchange implements HttpStream.Request {

    private final Http2ClientCodec codec;
    final StreamEvents.Response receiver;
    boolean headReceived;
    /** The protocol asked for by extended CONNECT, else empty. */
    String upgrade = "";
    boolean told;

    ClientExchange(Http2ClientCodec codec, StreamEvents.Response receiver) {
        super(codec);
        this.codec = codec;
        this.receiver = receiver;
    }

    @Override
    StreamEvents events() {
        return receiver;
    }

    @Override
    public void sendHead(RequestHead head, boolean end) {
        if (over || stream != null) {
            return;
        }
        boolean safe = Fields.startLineSafe(head.method()) && Fields.startLineSafe(head.path()) && Fields.startLineSafe(head.authority());
        if (!safe || !Fields.startLineSafe(head.upgrade())) {
            codec.failLater(this, StreamReset.PROTOCOL_ERROR, "http2.invalid.header.field");
            return;
        }
        upgrade = head.upgrade();
        codec.begin(this, Fields.request(head), end);
    }

    @Override
    void onPeerEnd() {
        headReceived = true;
    }

    @Override
    void afterPeerEnd() {
        if (!localEnded && !over && stream != null) {
            // The answer is whole: what is left of the request is not wanted any more.
            over = true;
            drop();
            endpoint.reset(stream.id(), Http2Error.CANCEL);
        }
    }

    @Override
    Http2Error resetCode() {
        return Http2Error.CANCEL;
    }

    @Override
    void onNeverBegun() {
        codec.ended(this);
    }
}
