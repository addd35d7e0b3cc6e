package dev.outrider.proxy.http1;

import dev.outrider.proxy.http.HeaderName;
import dev.outrider.proxy.http.Headers;
import dev.outrider.proxy.http.HttpStream;
import dev.outrider.proxy.http.ResponseHead;
import dev.outrider.proxy.http.StreamEvents;
import dev.outrider.proxy.http.StreamReset;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import org.jspecify.annotations.Nullable;

/** One request and its response on a client connection: writes the response, counts both. Loop-confined. */
final class ServerStream implements HttpStream.Response {

    private final Http1ServerCodec codec;
    private final ChannelHandlerContext context;
    private final BodyWriter body;
    private final boolean properCase;
    private boolean headRequest;
    private boolean http10;
    private boolean keepAlive;
    private boolean headSent;
    private boolean over;
    private boolean tunnel;
    long read;
    private long written;
    StreamEvents.@Nullable Request events;

    ServerStream(Http1ServerCodec codec, ChannelHandlerContext context, BodyWriter body, boolean properCase) {
        this.codec = codec;
        this.context = context;
        this.body = body;
        this.properCase = properCase;
    }

    /** What of the request decides on the form of the response. */
    void answers(boolean isHead, boolean isHttp10, boolean staysOpen) {
        headRequest = isHead;
        http10 = isHttp10;
        keepAlive = staysOpen;
    }

    boolean headSent() {
        return headSent;
    }

    boolean over() {
        return over;
    }

    /** Nothing may be sent any more. */
    void giveUp() {
        over = true;
    }

    @Override
    public boolean isWritable() {
        return context.channel().isWritable();
    }

    @Override
    public void sendInformational(ResponseHead head) {
        if (over || headSent || http10) {
            return;
        }
        ByteBuf out = context.alloc().ioBuffer(head.headers().byteLength() + 64);
        StatusLine.write(head.status(), out);
        HeadText.fields(head.headers(), properCase, out);
        HeadText.crlf(out);
        write(out);
    }

    @Override
    public void sendHead(ResponseHead head, boolean end) {
        if (over || headSent) {
            return;
        }
        int status = head.status();
        if (status < 200 && status != 101) {
            sendInformational(head);
            return;
        }
        headSent = true;
        if (end && !codec.requestDone()) {
            keepAlive = false;
        }
        ByteBuf out = context.alloc().ioBuffer(head.headers().byteLength() + 128);
        StatusLine.write(status, out);
        if (status == 101) {
            HeadText.fields(head.headers(), properCase, out);
            out.writeBytes(HeadText.CONNECTION_UPGRADE);
            HeadText.text(head.upgrade().isEmpty() ? codec.upgrade() : head.upgrade(), out);
            HeadText.crlf(out);
            body.start(BodyWriter.Mode.RAW, 0);
            tunnel = true;
            keepAlive = false;
        } else {
            frame(head, end, out);
        }
        HeadText.crlf(out);
        write(out);
        if (tunnel && !end) {
            codec.openTunnel();
        }
        if (end) {
            boolean whole = body.end();
            count();
            finish(whole);
        }
    }

    private void frame(ResponseHead head, boolean end, ByteBuf out) {
        Headers headers = head.headers();
        int status = head.status();
        if (status == 204) {
            headers.remove(HeaderName.CONTENT_LENGTH);
        }
        HeadText.fields(headers, properCase, out);
        long length = HeadText.contentLength(headers);
        BodyWriter.Mode mode;
        if (headRequest || status == 204 || status == 304) {
            mode = BodyWriter.Mode.NONE;
        } else if (length >= 0) {
            mode = BodyWriter.Mode.LENGTH;
        } else if (end) {
            out.writeBytes(HeadText.NO_CONTENT);
            mode = BodyWriter.Mode.NONE;
        } else if (http10) {
            mode = BodyWriter.Mode.RAW;
            keepAlive = false;
        } else {
            out.writeBytes(HeadText.CHUNKED);
            mode = BodyWriter.Mode.CHUNKED;
        }
        body.start(mode, length);
        if (!keepAlive) {
            out.writeBytes(HeadText.CLOSE);
        } else if (http10) {
            out.writeBytes(HeadText.KEEP_ALIVE);
        }
    }

    @Override
    public void sendData(ByteBuf data, boolean end) {
        if (over || !headSent) {
            data.release();
            return;
        }
        body.data(data);
        boolean whole = !end || body.end();
        count();
        if (end) {
            finish(whole);
        }
    }

    @Override
    public void sendTrailers(Headers trailers) {
        if (over || !headSent) {
            return;
        }
        boolean whole = codec.settings().enableTrailers() ? body.trailers(trailers) : body.end();
        count();
        finish(whole);
    }

    private void finish(boolean whole) {
        over = true;
        codec.responseDone(this, keepAlive && whole, whole);
    }

    @Override
    public void reset(StreamReset reason) {
        if (!over) {
            over = true;
            codec.abort(this);
        }
    }

    @Override
    public void pauseReading(boolean pause) {
        if (codec.isCurrent(this)) {
            codec.pause(pause);
        }
    }

    @Override
    public void closeAfter() {
        keepAlive = false;
    }

    void sendContinue() {
        write(Unpooled.wrappedBuffer(Http1ServerCodec.CONTINUE));
    }

    private void write(ByteBuf out) {
        written += out.readableBytes();
        context.write(out, context.voidPromise());
        codec.mark();
    }

    private void count() {
        written += body.takeWritten();
        codec.mark();
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
