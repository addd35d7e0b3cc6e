package dev.outrider.proxy.admin;

import dev.outrider.proxy.admin.page.AdminRequest;
import dev.outrider.proxy.admin.page.AdminResponse;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.logging.Level;
import java.util.logging.Logger;

/** One connection to the endpoint: a request, its page's answer, one at a time. Admin loop. */
final class AdminHandler extends SimpleChannelInboundHandler<FullHttpRequest> {

    private static final Logger LOG = Logger.getLogger("dev.outrider.proxy.admin");

    private final AdminRouter router;
    private boolean waiting;

    AdminHandler(AdminRouter router) {
        this.router = router;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, FullHttpRequest message) {
        if (message.decoderResult().isFailure()) {
            send(context, AdminResponse.text(400, "Bad Request"), false, false);
            return;
        }
        if (waiting) {
            // Pipelined behind a page that waits: no client of these pages does that.
            context.close();
            return;
        }
        boolean keepAlive = HttpUtil.isKeepAlive(message);
        boolean head = message.method().name().equals("HEAD");
        Callable<AdminResponse> answer = answer(context, message);
        if (!router.waits(AdminRequest.of("GET", message.uri(), "").path())) {
            send(context, call(answer), keepAlive, head);
            return;
        }
        waiting = true;
        Thread.ofVirtual().name("outrider-admin-wait").start(() -> {
            AdminResponse response = call(answer);
            context.executor().execute(() -> {
                waiting = false;
                send(context, response, keepAlive, head);
            });
        });
    }

    /** What is left to do when all that is needed of the message was read. */
    private Callable<AdminResponse> answer(ChannelHandlerContext context, FullHttpRequest message) {
        String host = message.headers().get(HttpHeaderNames.HOST, "");
        String origin = message.headers().get(HttpHeaderNames.ORIGIN, "");
        String type = message.headers().get(HttpHeaderNames.CONTENT_TYPE, "").toLowerCase(Locale.ROOT);
        String form = type.startsWith("application/x-www-form-urlencoded") ? message.content().toString(StandardCharsets.UTF_8) : "";
        AdminRequest request = AdminRequest.of(message.method().name(), message.uri(), form);
        boolean local = !(context.channel().remoteAddress() instanceof InetSocketAddress peer) || peer.getAddress().isLoopbackAddress();
        return () -> router.serve(request, host, origin, local);
    }

    private static AdminResponse call(Callable<AdminResponse> answer) {
        try {
            return answer.call();
        } catch (Exception e) {
            LOG.log(Level.WARNING, "admin page failed", e);
            return AdminResponse.text(500, "internal error, see the log\n");
        }
    }

    private static void send(ChannelHandlerContext context, AdminResponse response, boolean keepAlive, boolean head) {
        ByteBuf body = ByteBufUtil.writeUtf8(context.alloc(), response.body());
        DefaultFullHttpResponse message = new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(response.status()), head ? context.alloc().buffer(0) : body);
        message.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, response.contentType())
                .set(HttpHeaderNames.CONTENT_LENGTH, body.readableBytes())
                .set(HttpHeaderNames.CACHE_CONTROL, "no-cache, max-age=0")
                .set("x-content-type-options", "nosniff")
                .set(HttpHeaderNames.SERVER, "envoy");
        if (head) {
            body.release();
        }
        if (!keepAlive) {
            message.headers().set(HttpHeaderNames.CONNECTION, "close");
        }
        var written = context.writeAndFlush(message);
        written.addListener(f -> response.afterwards().run());
        if (!keepAlive) {
            written.addListener(ChannelFutureListener.CLOSE);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // A reset, a time-out, an oversized header: nothing that the process could do better.
        LOG.log(Level.FINE, "admin connection closed: {0}", cause.toString());
        context.close();
    }
}
