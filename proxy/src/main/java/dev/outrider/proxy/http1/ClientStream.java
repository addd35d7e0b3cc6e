package dev.outrider.proxy.http1;

import dev.outrider.proxy.http.Headers;
import dev.outrider.proxy.http.HttpStream;
import dev.outrider.proxy.http.RequestHead;
import dev.outrider.proxy.http.StreamEvents;
import dev.outrider.proxy.http.StreamReset;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;

/** One request on an upstream connection: writes it, counts both ways. Loop-confined. */
final class ClientStream implements HttpStream.Request {

    private final Http1ClientCodec codec;
    private final ChannelHandlerContext context;
    private final BodyWriter body;
    final StreamEvents.Response events;
    private boolean headSent;
    private boolean ended;
    private boolean over;
    private boolean head;
    private boolean upgrading;
    long read;
    private long written;

    ClientStream(Http1ClientCodec codec, ChannelHandlerContext context, BodyWriter body, StreamEvents.Response events) {
        this.codec = codec;
        this.context = context;
        this.body = body;
        this.events = events;
    }

    /** Whether the request was HEAD: its response has no body. */
    boolean answersHead() {
        return head;
    }

    boolean headSent() {
        return headSent;
    }

    boolean ended() {
        return ended;
    }

    boolean over() {
        return over;
    }

    void giveUp() {
        over = true;
    }

    @Override
    public boolean isWritable() {
        return context.channel().isWritable();
    }

    @Override
    public void sendHead(RequestHead request, boolean end) {
        if (over || headSent) {
            return;
        }
        headSent = true;
        String target = request.method().equals("CONNECT") ? request.authority() : request.path();
        if (!HeadText.startLineSafe(target) || !HeadText.startLineSafe(request.method()) || !HeadText.startLineSafe(request.authority())
                || target.isEmpty() || request.method().isEmpty()) {
            // Never let a text of ours become a second request line (CVE-2025-67735).
            codec.failLater(this);
            return;
        }
        head = request.method().equals("HEAD");
        upgrading = !request.upgrade().isEmpty();
        ByteBuf out = context.alloc().ioBuffer(request.headers().byteLength() + target.length() + request.authority().length() + 160);
        HeadText.text(request.method(), out);
        out.writeByte(' ');
        HeadText.text(target, out);
        out.writeBytes(HeadText.HTTP_1_1);
        HeadText.text(request.authority(), out);
        HeadText.crlf(out);
        HeadText.fields(request.headers(), false, out);
        frame(request, end, out);
        HeadText.crlf(out);
        int size = out.readableBytes();
        written += size;
        context.write(out, context.voidPromise());
        codec.wrote(size);
        if (end) {
            boolean whole = body.end();
            count();
            finish(whole);
        }
    }

    private void frame(RequestHead request, boolean end, ByteBuf out) {
        long length = HeadText.contentLength(request.headers());
        BodyWriter.Mode mode = BodyWriter.Mode.NONE;
        if (upgrading) {
            out.writeBytes(HeadText.CONNECTION_UPGRADE);
            HeadText.text(request.upgrade(), out);
            HeadText.crlf(out);
            mode = BodyWriter.Mode.RAW;
        } else if (length >= 0) {
            mode = BodyWriter.Mode.LENGTH;
        } else if (!end) {
            out.writeBytes(HeadText.CHUNKED);
            mode = BodyWriter.Mode.CHUNKED;
        } else if (!bodiless(request.method())) {
            out.writeBytes(HeadText.NO_CONTENT);
        }
        body.start(mode, length);
    }

    /** Methods for which no body is the rule and needs no length, as Envoy has it. */
    private static boolean bodiless(String method) {
        return switch (method) {
            case "GET", "HEAD", "DELETE", "TRACE", "CONNECT" -> true;
            default -> false;
        };
    }

    @Override
    public void sendData(ByteBuf data, boolean end) {
        if (over || ended || !headSent) {
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
        if (over || ended || !headSent) {
            return;
        }
        boolean whole = codec.settings().enableTrailers() ? body.trailers(trailers) : body.end();
        count();
        finish(whole);
    }

    private void finish(boolean whole) {
        ended = true;
        if (!whole) {
            codec.failLater(this);
        } else {
            codec.requestDone(this, upgrading);
        }
    }

    private void count() {
        long size = body.takeWritten();
        written += size;
        codec.wrote(size);
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
        codec.pause(this, pause);
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
